/* Results of a plugin: a file in memory, so that they are there also when QEMU is killed. */
#ifndef LOCKSTEP_SHARED_FILE_H
#define LOCKSTEP_SHARED_FILE_H

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/* `size` zero bytes in a new file; NULL when that fails. */
static inline void* new_shared_file(const char* path, size_t size) {
  const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return NULL;
  void* shared = MAP_FAILED;
  if (ftruncate(fd, (off_t)size) == 0) shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return shared == MAP_FAILED ? NULL : shared;
}

#endif
