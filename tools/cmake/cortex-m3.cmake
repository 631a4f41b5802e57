# Toolchain of the preset cortex-m: bare metal, no C library start-up, no heap, no exceptions.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(_cpu "-mcpu=cortex-m3 -mthumb -ffreestanding -ffunction-sections -fdata-sections")
set(CMAKE_C_FLAGS_INIT "${_cpu}")
set(CMAKE_ASM_FLAGS_INIT "${_cpu}")
# -fno-threadsafe-statics: a static guard would pull __cxa_guard_*.
set(CMAKE_CXX_FLAGS_INIT "${_cpu} -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit")
# Link-time optimisation takes 3 KiB off the boot code. Fat objects: the guard of the portable rooms reads their symbols.
# What -Os does for speed at the cost of size: another 160 bytes.
set(_small "-fno-move-loop-invariants -fno-tree-loop-im -fno-schedule-insns2 -finline-limit=2")
set(CMAKE_C_FLAGS_MINSIZEREL_INIT "-Os -g -DNDEBUG -flto=auto -ffat-lto-objects ${_small}")
set(CMAKE_CXX_FLAGS_MINSIZEREL_INIT "-Os -g -DNDEBUG -flto=auto -ffat-lto-objects ${_small}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -nostartfiles -Wl,--gc-sections")
set(CMAKE_CXX_STANDARD_LIBRARIES_INIT "-lgcc")  # behind all libraries: 64-bit division and the like
