/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_main.c - lives, one after the other, and the replay of one.
 *
 *	sim --lives N [--from SEED] [--jobs J]    N lives from SEED (1) on
 *	sim --seed N                              that one life, with its ladder
 *	    --without kill-core,order             none of these events
 *	    --all                                 goes on after a broken one
 */
#include "sim.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct args {
	uint64_t from, lives;
	unsigned jobs;
	bool one, all;
	const char *without;
};

struct sums {
	unsigned long steps, messages;
};

/* Too big for the stack, and used again. */
static bool live(struct sim *s, uint64_t seed, const char *without, FILE *log)
{
	memset(s, 0, sizeof *s);
	s->seed = seed;
	s->without = without;
	s->log = log;
	sim_life(s);
	return !s->failed;
}

static void print_why(const struct sim *s)
{
	printf("seed %llu: invariant %s broken: %s\n",
	       (unsigned long long)s->seed, sim_invariant_id(s->invariant),
	       s->why);
	if (s->n_wrong)
		printf("  %s did %s\n", s->wrongdoer->name, s->wrong->id);
	printf("  it says that %s [%s]\n", sim_invariant_what(s->invariant),
	       sim_invariant_clause(s->invariant));
}

/* The same life again, with its ladder. */
static bool replay(struct sim *s, uint64_t seed, const char *without)
{
	char why[sizeof s->why];
	bool again, ok;

	ok = live(s, seed, without, NULL);
	memcpy(why, s->why, sizeof why);
	again = live(s, seed, without, stdout);
	printf("seed %llu: %s, %lu steps, %lu messages\n",
	       (unsigned long long)seed, ok ? "good" : "broken", s->steps,
	       s->messages);
	if (ok != again || (!ok && strcmp(why, s->why) != 0)) {
		printf("the replay went another way: %s / %s\n", why, s->why);
		return false;
	}
	if (!ok)
		print_why(s);
	return ok;
}

static bool run(struct sim *s, const struct args *a, unsigned job,
		struct sums *sums)
{
	bool good = true, all_good = true;

	for (uint64_t i = job; good && i < a->lives; i += a->jobs) {
		good = live(s, a->from + i, a->without, NULL);
		if (!good && a->all) {
			print_why(s);
			good = true;
			all_good = false;
		}
		sums->steps += s->steps;
		sums->messages += s->messages;
	}
	if (!good) {
		replay(s, s->seed, a->without);
		printf("  replay: sim --seed %llu%s%s\n",
		       (unsigned long long)s->seed,
		       a->without ? " --without " : "",
		       a->without ? a->without : "");
		fflush(stdout);
	}
	return good && all_good;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool all(struct sim *s, const struct args *a)
{
	double began = seconds();
	struct sums sums = {0};
	bool good = true;
	int status;

	fflush(stdout);
	for (unsigned j = 1; j < a->jobs; j++) {
		pid_t pid = fork();

		if (pid < 0)
			abort();
		if (pid == 0) {
			bool ok = run(s, a, j, &sums);

			free(s);
			exit(!ok);
		}
	}
	good = run(s, a, 0, &sums);
	while (wait(&status) > 0)
		good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	printf("%llu lives from %llu: %s, %.0f lives/s, "
	       "%.0f steps and %.0f messages each\n",
	       (unsigned long long)a->lives, (unsigned long long)a->from,
	       good ? "all good" : "BROKEN",
	       (double)a->lives / (seconds() - began),
	       (double)sums.steps * a->jobs / (double)a->lives,
	       (double)sums.messages * a->jobs / (double)a->lives);
	return good;
}

static void parse(int argc, char **argv, struct args *a)
{
	static const struct option o[] = {
		{"lives", required_argument, NULL, 'l'},
		{"from", required_argument, NULL, 'f'},
		{"seed", required_argument, NULL, 's'},
		{"jobs", required_argument, NULL, 'j'},
		{"without", required_argument, NULL, 'w'},
		{"all", no_argument, NULL, 'a'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", o, NULL)) != -1) {
		if (c == 'l')
			a->lives = strtoull(optarg, NULL, 10);
		else if (c == 'f' || c == 's')
			a->from = strtoull(optarg, NULL, 10);
		else if (c == 'j')
			a->jobs = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'w')
			a->without = optarg;
		else if (c == 'a')
			a->all = true;
		else
			exit(2);
		a->one = a->one || c == 's';
	}
	if (a->jobs == 0)
		a->jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}

int main(int argc, char **argv)
{
	struct args a = {.from = 1, .lives = 1000, .jobs = 1};
	struct sim *s = calloc(1, sizeof *s);
	bool good;

	if (!s)
		return 1;
	parse(argc, argv, &a);
	good = a.one ? replay(s, a.from, a.without) : all(s, &a);
	free(s);
	return !good;
}
