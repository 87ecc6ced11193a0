/* SPDX-License-Identifier: BSD-2-Clause */
/* bench.h - how long one step takes, on this machine and now: CPU time of this
 * process, so that other load does not count.
 */
#ifndef IMS_BENCH_H
#define IMS_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t bench_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The rounds to make: the program's first argument, or so many. */
static inline uint64_t bench_rounds(int argc, char **argv, uint64_t usual)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : usual;

	return n ? n : 1;
}

/* The program's second argument: only the step of this name, or all. */
static inline const char *bench_only(int argc, char **argv)
{
	return argc > 2 ? argv[2] : NULL;
}

static inline void bench_say(const char *what, uint64_t start, uint64_t rounds)
{
	printf("%-32s %9.1f ns\n", what,
	       (double)(bench_ns() - start) / (double)rounds);
}

/* Keeps the compiler from leaving out what nobody looks at. */
static inline void bench_keep(const void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

#endif
