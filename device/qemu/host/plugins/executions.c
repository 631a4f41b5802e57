/* A QEMU plugin that counts how often each instruction of a stretch of memory is executed.
 *
 *   -plugin libexecutions.so,base=ADDRESS,size=BYTES,counts=FILE
 *
 * FILE holds a u64 for each halfword of [base, base+size), as this machine has them: the executions of the instruction
 * that begins there. It is right at every moment, also after a kill.
 */
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"
#include "shared_file.h"

static uint64_t base, size;
static uint64_t* counts;

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); ++i) {
    struct qemu_plugin_insn* const insn = qemu_plugin_tb_get_insn(tb, i);
    const uint64_t offset = qemu_plugin_insn_vaddr(insn) - base;
    if (offset < size) qemu_plugin_register_vcpu_insn_exec_inline(insn, add_u64, &counts[offset / 2], 1);
  }
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv) {
  (void)info;
  const char* path = NULL;
  for (int i = 0; i < argc; ++i) {
    const char* value = strchr(argv[i], '=');
    if (value == NULL) return -1;
    ++value;
    if (strncmp(argv[i], "base=", 5) == 0) base = strtoull(value, NULL, 0);
    if (strncmp(argv[i], "size=", 5) == 0) size = strtoull(value, NULL, 0);
    if (strncmp(argv[i], "counts=", 7) == 0) path = value;
  }
  counts = path == NULL ? NULL : new_shared_file(path, size / 2 * sizeof *counts);
  if (counts == NULL) return -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}
