// The separately compiled part of Beast (see BOOST_BEAST_SEPARATE_COMPILATION in tools/cmake/lockstep.cmake).
#include <boost/beast/src.hpp>
