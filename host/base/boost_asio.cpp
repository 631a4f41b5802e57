// The separately compiled parts of Asio (see BOOST_ASIO_SEPARATE_COMPILATION in tools/cmake/lockstep.cmake).
#include <boost/asio/impl/src.hpp>
