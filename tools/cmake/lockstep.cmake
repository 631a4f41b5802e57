# The rules of the house as CMake functions: one target per folder, tests and fuzz entries beside the source.
#
#   lockstep_library(NAME [PORTABLE] [DEPS target...] [SYSTEM_DEPS target...] [TEST_DEPS target...]
#                    [TEST_SECONDS seconds])
#       Library of the current folder: every *.cpp that is not a test, a fuzz entry or a main.
#       Its headers are reachable only by their path from the top ("protocols/smp/header.hpp"), and only for
#       targets that list it in DEPS: an include of a higher floor does not compile.
#       PORTABLE: the library must run without heap, exceptions, RTTI, clock and sockets; it also builds in the
#       preset cortex-m, where a test checks its undefined symbols.
#       *_test.cpp become the doctest program NAME_test, one CTest each (not on bare metal).
#       TEST_SECONDS: about how long that takes, where it is long: then each file is a CTest of its own, NAME.FILE, so that
#       all processors share them, and CTest begins with the longest.
#       *_fuzz.cpp become one program each that replays corpus/<name>/ as a CTest; under sanitizers it is libFuzzer's,
#       and tools/fuzz lets it search.
#   lockstep_program(NAME SOURCES file... [DEPS target...])
#       A program in build/<preset>/bin.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
option(LOCKSTEP_BARE_METAL "Build for a microcontroller: portable rooms and firmware only" OFF)
option(LOCKSTEP_SANITIZE "Build for the address and undefined-behaviour sanitizers and for libFuzzer (clang)" OFF)

find_program(LOCKSTEP_CCACHE ccache)
if(LOCKSTEP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${LOCKSTEP_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LOCKSTEP_CCACHE})
endif()

# Linking dozens of test programs is a third of a rebuild with the default linker.
find_program(LOCKSTEP_MOLD mold)
if(LOCKSTEP_MOLD AND NOT LOCKSTEP_BARE_METAL)
  add_link_options(-fuse-ld=mold)
endif()

add_library(lockstep_flags INTERFACE)
target_compile_options(lockstep_flags INTERFACE
  -Werror            # a warning is a defect that somebody will meet later
  -Wall -Wextra      # the compilers' own choice of useful warnings
  -Wpedantic         # keeps the code portable between GCC and clang
  -Wshadow           # a shadowed name hides which value is meant
  -Wconversion       # lengths and offsets must not be cut silently
  $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>        # casts must be greppable
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>      # deleting through a base without one is undefined
  $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>    # a hidden overload is never meant
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>        # a repeated condition is a copy-paste error
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<COMPILE_LANGUAGE:CXX>>:-Wno-missing-field-initializers> # designated initialisers leave the rest at defaults on purpose
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-restrict> # GCC 12 sees overlaps in "text" + std::string where there are none (GCC PR 105651)
  $<$<AND:$<CXX_COMPILER_ID:Clang>,$<COMPILE_LANGUAGE:CXX>>:-Wno-missing-field-initializers>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>   # part of clang's -Wconversion, not of GCC's: one rule for both
)
if(LOCKSTEP_SANITIZE)
  # One build for the tests and for the fuzzer: what the fuzzer wants to see of the code costs the tests little.
  # The check of function types writes data before each function, which clang 14 cannot do for a coroutine
  # ("Cannot represent a difference across sections").
  # -g1: the sanitizers report functions and lines; all the rest of debug information costs an eighth of the compile time.
  add_compile_options(-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize=function -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
  # LOCKSTEP_SANITIZED: for tests that take less where all is slower.
  # Asio recycles coroutine frames, which hides use after free from the sanitizer.
  add_compile_definitions(LOCKSTEP_SANITIZED BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
# Compiling Asio and Beast once instead of in every file saves a tenth of the build (host/base/boost_asio.cpp).
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)

# Hosted rooms are checked for everything but what costs a quarter of their compile time and tells nothing there: a null
# access ends in the address sanitizer's report anyway, and x86 takes any alignment. Portable rooms, whose code meets
# boards that do not, keep all checks, and so does the preset fuzz.
function(_lockstep_hosted_checks name)
  if(LOCKSTEP_SANITIZE)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Debug>:-fno-sanitize=null,alignment,object-size>)
  endif()
endfunction()

# Puts the folder's headers behind their full path, for those who link the target only.
function(_lockstep_expose name)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  get_filename_component(parent ${folder} DIRECTORY)
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root}/${parent})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${folder} SYMBOLIC)
  target_include_directories(${name} PUBLIC ${root})
endfunction()

function(_lockstep_tests name seconds)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  if(NOT tests OR LOCKSTEP_BARE_METAL)
    return()
  endif()
  add_executable(${name}_test ${tests})
  target_link_libraries(${name}_test PRIVATE ${name} doctest_main lockstep_flags ${ARGN})
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_definitions(${name}_test PRIVATE
    LOCKSTEP_SOURCE_DIR="${PROJECT_SOURCE_DIR}" LOCKSTEP_BIN_DIR="${CMAKE_BINARY_DIR}/bin"
    LOCKSTEP_CORTEX_M_DIR="${PROJECT_SOURCE_DIR}/build/cortex-m")
  if(NOT seconds)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
    return()
  endif()
  foreach(test IN LISTS tests)
    get_filename_component(stem ${test} NAME_WE)
    add_test(NAME ${name}.${stem} COMMAND ${name}_test --source-file=*/${stem}.cpp)
    set_tests_properties(${name}.${stem} PROPERTIES COST ${seconds} TIMEOUT 900)
  endforeach()
endfunction()

function(_lockstep_fuzzers name)
  file(GLOB entries CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_fuzz.cpp)
  if(LOCKSTEP_BARE_METAL)
    return()
  endif()
  foreach(entry IN LISTS entries)
    get_filename_component(stem ${entry} NAME_WE)
    set(program ${name}_${stem})
    add_executable(${program} ${entry})
    target_link_libraries(${program} PRIVATE ${name} lockstep_flags)
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${stem})
    if(LOCKSTEP_SANITIZE)
      target_link_options(${program} PRIVATE -fsanitize=fuzzer)
      file(APPEND ${CMAKE_BINARY_DIR}/fuzzers.txt "${program} ${corpus}\n")
      add_dependencies(fuzzers ${program})
      add_test(NAME ${program}_corpus COMMAND ${program} -runs=0 ${corpus})
    else()
      target_sources(${program} PRIVATE ${PROJECT_SOURCE_DIR}/tools/fuzz_replay.cpp)
      add_test(NAME ${program}_corpus COMMAND ${program} ${corpus})
    endif()
  endforeach()
endfunction()

function(lockstep_library name)
  cmake_parse_arguments(arg "PORTABLE" "TEST_SECONDS" "DEPS;SYSTEM_DEPS;TEST_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|_main)\\.cpp$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC ${arg_DEPS} ${arg_SYSTEM_DEPS} PRIVATE lockstep_flags)
    if(NOT arg_PORTABLE)
      _lockstep_hosted_checks(${name})
    endif()
    _lockstep_expose(${name})
    if(arg_PORTABLE AND LOCKSTEP_BARE_METAL)
      add_test(NAME ${name}_portable
        COMMAND ${PROJECT_SOURCE_DIR}/tools/lint/portable_symbols ${CMAKE_NM} $<TARGET_FILE:${name}>)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_DEPS} ${arg_SYSTEM_DEPS})
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    get_filename_component(parent ${folder} DIRECTORY)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include/${name}/${parent})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_BINARY_DIR}/include/${name}/${folder} SYMBOLIC)
    target_include_directories(${name} INTERFACE ${CMAKE_BINARY_DIR}/include/${name})
  endif()
  _lockstep_tests(${name} "${arg_TEST_SECONDS}" ${arg_TEST_DEPS})
  if(TARGET ${name}_test AND NOT arg_PORTABLE)
    _lockstep_hosted_checks(${name}_test)
  endif()
  _lockstep_fuzzers(${name})
endfunction()

function(lockstep_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} lockstep_flags)
  _lockstep_hosted_checks(${name})
endfunction()

if(NOT LOCKSTEP_BARE_METAL)
  add_library(doctest_main STATIC ${PROJECT_SOURCE_DIR}/tools/doctest_main.cpp)
endif()
if(LOCKSTEP_SANITIZE)
  file(REMOVE ${CMAKE_BINARY_DIR}/fuzzers.txt)
  add_custom_target(fuzzers)  # all fuzz programs and nothing else
endif()
