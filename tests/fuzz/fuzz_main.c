/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_main.c - replays a corpus through a fuzz target, without a fuzzer.
 *
 * Arguments are files and directories of files.  Each file is run as it is,
 * cut short at up to 256 places, and with one bit turned at up to 256 places:
 * the same runs each time, so what fails once fails again.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static unsigned long runs;

/* In memory of exactly its size, so that ASan sees the first byte read beyond
 * the end.
 */
static void run(const uint8_t *data, size_t n, size_t flip)
{
	uint8_t *mem = malloc(n ? n : 1);

	if (!mem)
		abort();
	memcpy(mem, data, n);
	if (flip < n)
		mem[flip] ^= (uint8_t)(1u << flip % 8);
	LLVMFuzzerTestOneInput(mem, n);
	free(mem);
	runs++;
}

static void run_all(const uint8_t *data, size_t n)
{
	size_t step = n / 256 + 1;

	run(data, n, SIZE_MAX);
	for (size_t i = 0; i < n; i += step) {
		run(data, i, SIZE_MAX);
		run(data, n, i);
	}
}

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st;
	size_t n;

	if (!f || fstat(fileno(f), &st) || !S_ISREG(st.st_mode)) {
		perror(path);
		if (f)
			fclose(f);
		return -1;
	}
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		abort();
	n = fread(data, 1, (size_t)st.st_size, f);
	fclose(f);
	run_all(data, n);
	free(data);
	return 0;
}

static int replay_dir(const char *path, DIR *dir)
{
	char file[4096];
	struct dirent *e;
	int err = 0;

	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, e->d_name);
		if (replay_file(file))
			err = -1;
	}
	return err;
}

int main(int argc, char **argv)
{
	int err = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);

		if (dir ? replay_dir(argv[i], dir) : replay_file(argv[i]))
			err = 1;
		if (dir)
			closedir(dir);
	}
	if (runs == 0) {
		fputs("nothing to replay: the corpus is empty\n", stderr);
		return 1;
	}
	printf("%lu runs\n", runs);
	return err;
}
