// Gives every file named on the command line to a fuzzing harness, in a block of exactly its size, so
// that AddressSanitizer sees a read behind its end. Prints how many there were.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void run_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(1);
  }
  size_t count = (size_t)ftell(file);
  uint8_t *bytes = malloc(count);
  rewind(file);
  if ((count > 0 && !bytes) || fread(bytes, 1, count, file) != count) {
    perror(path);
    exit(1);
  }
  fclose(file);
  LLVMFuzzerTestOneInput(bytes, count);
  free(bytes);
}

int main(int count, char **paths) {
  for (int index = 1; index < count; index += 1) run_file(paths[index]);
  printf("%d files\n", count - 1);
  return 0;
}
