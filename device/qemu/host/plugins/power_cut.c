/* A QEMU plugin that cuts a board's power at an exact store into its flash, and tells what was stored.
 *
 *   -plugin libpower_cut.so,base=ADDRESS,size=BYTES[,count=FILE][,cut=N][,log=FILE,flash=FILE]
 *
 * Counts the processor's stores into [base, base+size). With cut=N the N-th (from 1) is the last one that happens:
 * QEMU is killed behind it.
 * With count=FILE the first eight bytes of FILE always hold the count so far, also after a kill.
 * With log=FILE it holds, behind eight bytes for their number, the stores: u32 offset from base, u32 bytes, u64 value,
 * all as this machine has them. The values are read from flash=FILE, the file behind the board's flash.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"
#include "shared_file.h"

struct store {
  uint32_t offset, bytes;
  uint64_t value;
};
enum { max_stores = 1 << 22 };
struct log {
  uint64_t used;
  struct store stores[max_stores];
};

static uint64_t base, size, cut;
static uint64_t own_count;
static uint64_t* count = &own_count;
static struct log* log_of_stores;
static const char* flash_path;
static const unsigned char* flash;

static void write_down(uint64_t offset, unsigned bytes) {
  if (log_of_stores == NULL || log_of_stores->used == max_stores) return;
  struct store* const store = &log_of_stores->stores[log_of_stores->used];
  store->offset = (uint32_t)offset;
  store->bytes = bytes;
  memcpy(&store->value, flash + offset, bytes);
  ++log_of_stores->used;
}

static void on_store(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void* user) {
  (void)cpu, (void)user;
  /* QEMU 7.2 also reports loads, whatever was registered; a store it reports after it happened. */
  if (!qemu_plugin_mem_is_store(info) || address - base >= size) return;
  write_down(address - base, 1u << qemu_plugin_mem_size_shift(info));
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

static _Bool map_flash(void) {
  const int fd = flash_path == NULL ? -1 : open(flash_path, O_RDONLY);
  if (fd < 0) return 0;
  void* const mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  flash = mapped;
  return mapped != MAP_FAILED;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    const char* value = strchr(argv[i], '=');
    if (value == NULL) return -1;
    ++value;
    if (strncmp(argv[i], "base=", 5) == 0) base = strtoull(value, NULL, 0);
    if (strncmp(argv[i], "size=", 5) == 0) size = strtoull(value, NULL, 0);
    if (strncmp(argv[i], "cut=", 4) == 0) cut = strtoull(value, NULL, 0);
    if (strncmp(argv[i], "count=", 6) == 0 && (count = new_shared_file(value, sizeof *count)) == NULL) return -1;
    if (strncmp(argv[i], "flash=", 6) == 0) flash_path = strdup(value);
    if (strncmp(argv[i], "log=", 4) == 0 && (log_of_stores = new_shared_file(value, sizeof *log_of_stores)) == NULL) return -1;
  }
  if (log_of_stores != NULL && !map_flash()) return -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}
