/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_main.c - lives, one after the other, and the replay of one.
 *
 *	sim --lives N [--from SEED] [--jobs J]    N lives from SEED (1) on
 *	sim --seed N                              that one life, with its ladder
 *	    --without kill-core,order             none of these events
 *	    --all                                 goes on after a broken one
 *	    --stats                               prints what happened how often
 *	    --until bound                         the first that breaks this one
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
	bool one, all, stats;
	const char *without, *until;
};

/* Too big for the stack, and used again. */
static bool live(struct sim *s, uint64_t seed, const struct args *a, FILE *log)
{
	struct sim_stat *stat = s->stat;

	memset(s, 0, sizeof *s);
	s->stat = stat;
	s->seed = seed;
	s->without = a->without;
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
static bool replay(struct sim *s, uint64_t seed, const struct args *a)
{
	char why[sizeof s->why];
	bool again, ok;

	ok = live(s, seed, a, NULL);
	memcpy(why, s->why, sizeof why);
	again = live(s, seed, a, stdout);
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

static void replay_broken(struct sim *s, const struct args *a)
{
	struct sim_stat *stat = s->stat;

	s->stat = sim_stat_new(1); /* it counts once */
	replay(s, s->seed, a);
	s->stat = stat;
	printf("  replay: sim --seed %llu%s%s\n", (unsigned long long)s->seed,
	       a->without ? " --without " : "", a->without ? a->without : "");
	fflush(stdout);
}

static bool is_until(const struct sim *s, const struct args *a)
{
	return strcmp(sim_invariant_id(s->invariant), a->until) == 0;
}

static bool run(struct sim *s, const struct args *a, unsigned job,
		struct sim_stat *stat)
{
	bool good = true, all_good = true;

	s->stat = stat;
	for (uint64_t i = job; good && i < a->lives; i += a->jobs) {
		good = live(s, a->from + i, a, NULL);
		stat->lives++;
		stat->steps += s->steps;
		stat->messages += s->messages;
		if (good)
			continue;
		if (a->all || (a->until && all_good))
			print_why(s);
		fflush(stdout);
		good = a->all || (a->until && !is_until(s, a));
		all_good = false;
	}
	if (!good && a->until)
		print_why(s);
	else if (!good)
		replay_broken(s, a);
	return good && all_good;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Few lives have not seen all that can happen. */
#define MANY 5000

static void print_end(const struct args *a, const struct sim_stat *v,
		      double took_s, bool good)
{
	struct sim_stat sum;
	double n;

	sim_stat_sum(v, a->jobs, &sum);
	n = sum.lives ? (double)sum.lives : 1;
	if (a->stats)
		sim_stat_print(&sum, stdout);
	if (a->lives >= MANY)
		sim_stat_print_never(&sum, stdout);
	printf("%lu lives from %llu: %s, %.0f lives/s, "
	       "%.0f steps and %.0f messages each\n",
	       sum.lives, (unsigned long long)a->from,
	       good ? "all good" : "BROKEN", n / took_s, (double)sum.steps / n,
	       (double)sum.messages / n);
}

static bool all(struct sim *s, const struct args *a)
{
	double began = seconds();
	struct sim_stat *v = sim_stat_new(a->jobs);
	bool good = true;
	int status;

	fflush(stdout);
	for (unsigned j = 1; j < a->jobs; j++) {
		pid_t pid = fork();

		if (pid < 0)
			abort();
		if (pid == 0) {
			bool ok = run(s, a, j, &v[j]);

			free(s);
			exit(!ok);
		}
	}
	good = run(s, a, 0, &v[0]);
	while (wait(&status) > 0)
		good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	print_end(a, v, seconds() - began, good);
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
		{"stats", no_argument, NULL, 't'},
		{"until", required_argument, NULL, 'u'},
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
		else if (c == 'u')
			a->until = optarg;
		else if (c == 't')
			a->stats = true;
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
	s->stat = sim_stat_new(1);
	good = a.one ? replay(s, a.from, &a) : all(s, &a);
	free(s);
	return !good;
}
