// Must not compile: protocols/core stands below host/, so it cannot see this header (test floors_wrong_include).
#include "host/base/error.hpp"
