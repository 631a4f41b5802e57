/* What our plugins use of QEMU's plugin API, version 1 (docs/devel/tcg-plugins.rst). Debian's QEMU takes plugins but
 * ships no qemu-plugin.h. */
#ifndef LOCKSTEP_QEMU_PLUGIN_H
#define LOCKSTEP_QEMU_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
enum qemu_plugin_cb_flags { no_registers };
enum qemu_plugin_mem_rw { reads = 1, writes };
enum qemu_plugin_op { add_u64 };
typedef void (*tb_callback)(qemu_plugin_id_t id, struct qemu_plugin_tb* tb);
typedef void (*memory_callback)(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void* user);
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_callback callback);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* insn, memory_callback callback,
                                             enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw, void* user);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn* insn, enum qemu_plugin_op op, void* at,
                                                       uint64_t value);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* tb, size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* insn);
extern _Bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
extern unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv);

#endif
