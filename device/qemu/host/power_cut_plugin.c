/* A QEMU plugin (TCG, API version 1) that cuts a board's power at an exact store into its flash.
 *
 *   -plugin libpower_cut.so,base=ADDRESS,size=BYTES[,count=FILE][,cut=N]
 *
 * Counts the processor's stores into [base, base+size). With cut=N the N-th (from 1) is the last one that happens:
 * QEMU is killed behind it.
 * With count=FILE the first eight bytes of FILE always hold the count so far, also after a kill.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Debian's QEMU takes plugins but ships no qemu-plugin.h; these few declarations are its API version 1. */
typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
enum qemu_plugin_cb_flags { no_registers };
enum qemu_plugin_mem_rw { reads = 1, writes };
typedef void (*tb_callback)(qemu_plugin_id_t id, struct qemu_plugin_tb* tb);
typedef void (*memory_callback)(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void* user);
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_callback callback);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* insn, memory_callback callback,
                                             enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw, void* user);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* tb, size_t index);

extern _Bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv);

static uint64_t base, size, cut;
static uint64_t own_count;
static uint64_t* count = &own_count;

static void on_store(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void* user) {
  (void)cpu, (void)user;
  /* QEMU 7.2 also reports loads, whatever was registered. */
  if (!qemu_plugin_mem_is_store(info) || address - base >= size) return;
  ++*count;
  if (*count != cut) return;
  kill(getpid(), SIGKILL);
  for (;;) pause(); /* the signal may take a moment, and nothing more may happen meanwhile */
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); ++i) {
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), on_store, no_registers, writes, NULL);
  }
}

static int share_count(const char* path) {
  const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || ftruncate(fd, sizeof(uint64_t)) != 0) return -1;
  void* const shared = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (shared == MAP_FAILED) return -1;
  count = shared;
  return 0;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    const char* const value = strchr(argv[i], '=');
    if (value == NULL) return -1;
    if (strncmp(argv[i], "base=", 5) == 0) base = strtoull(value + 1, NULL, 0);
    if (strncmp(argv[i], "size=", 5) == 0) size = strtoull(value + 1, NULL, 0);
    if (strncmp(argv[i], "cut=", 4) == 0) cut = strtoull(value + 1, NULL, 0);
    if (strncmp(argv[i], "count=", 6) == 0 && share_count(value + 1) != 0) return -1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}
