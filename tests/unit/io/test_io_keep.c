/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_keep.c - what is there after the end of the process, and which files
 * are refused.
 */
#include "io_keep.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io_keep_priv.h"
#include "test.h"

static char dir[64], path[128], beside[140];

static int setup(void **state)
{
	strcpy(dir, "/tmp/imsreg-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/state.db", dir);
	snprintf(beside, sizeof beside, "%s-live", path);
	return 0;
}

static int teardown(void **state)
{
	static const char *const tail[] = {"", "-live", "-wal", "-shm",
					   "-journal"};

	for (size_t i = 0; i < N_OF(tail); i++) {
		char name[160];

		snprintf(name, sizeof name, "%s%s", path, tail[i]);
		unlink(name);
	}
	return rmdir(dir);
}

static struct ims_keep_store *must_open(void)
{
	struct ims_keep_store *s = NULL;
	struct ims_flaw why = {0};

	if (ims_io_keep_open(path, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

static void must_refuse_as(int err, const char *because)
{
	struct ims_keep_store *s = NULL;
	struct ims_flaw why = {0};

	assert_int_equal(ims_io_keep_open(path, &s, &why), err);
	assert_null(s);
	if (!strstr(why.text, because))
		fail_msg("\"%s\" does not say \"%s\"", why.text, because);
}

static void must_refuse(const char *because)
{
	must_refuse_as(-IMS_E_STORE, because);
}

static void put(struct ims_keep_store *s, enum ims_keep kind, const char *key,
		const char *record)
{
	assert_int_equal(s->ops->put(s, kind, ims_str(key), ims_str(record)),
			 0);
}

static void commit(struct ims_keep_store *s)
{
	if (s->ops->commit(s))
		fail_msg("%s", s->ops->why(s));
}

struct wanted {
	const char *key;
	char got[100];
	unsigned n;
};

static int note(void *arg, struct ims_str key, struct ims_str record)
{
	struct wanted *w = arg;

	w->n++;
	if (w->key && ims_str_eq(key, ims_str(w->key)))
		assert_true(ims_str_copy(w->got, sizeof w->got, record));
	return 0;
}

static void must_have(struct ims_keep_store *s, enum ims_keep kind,
		      const char *key, const char *record)
{
	struct wanted w = {.key = key};

	assert_int_equal(s->ops->each(s, kind, note, &w), 0);
	assert_string_equal(w.got, record);
}

static unsigned size(struct ims_keep_store *s, enum ims_keep kind)
{
	struct wanted w = {0};

	assert_int_equal(s->ops->each(s, kind, note, &w), 0);
	return w.n;
}

/* In a process of its own, which then ends as if it were killed. */
static void in_a_process_that_dies(void (*what)(struct ims_keep_store *s))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (!pid) {
		struct ims_keep_store *s = NULL;
		struct ims_flaw why;

		if (!ims_io_keep_open(path, &s, &why))
			what(s);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void overwrite(const char *name, off_t at, const void *bytes, size_t n)
{
	int fd = open(name, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), (ssize_t)n);
	close(fd);
}

/* --- what survives --- */

static void some(struct ims_keep_store *s)
{
	put(s, IMS_KEEP_PCSCF, "a", "one");
	put(s, IMS_KEEP_PCSCF, "b", "two");
	put(s, IMS_KEEP_SCSCF, "a", "three");
	put(s, IMS_KEEP_PCSCF, "a", "four");
	commit(s);
	put(s, IMS_KEEP_PCSCF, "b", "not safe");
	put(s, IMS_KEEP_SCSCF, "a", "");
	put(s, IMS_KEEP_UE, "c", "not safe");
}

static void what_was_committed_survives_and_nothing_else(void **state)
{
	struct ims_keep_store *s;

	in_a_process_that_dies(some);
	s = must_open();
	must_have(s, IMS_KEEP_PCSCF, "a", "four");
	must_have(s, IMS_KEEP_PCSCF, "b", "two");
	must_have(s, IMS_KEEP_SCSCF, "a", "three");
	assert_int_equal(size(s, IMS_KEEP_UE), 0);
	assert_int_equal(size(s, IMS_KEEP_PCSCF), 2);
	put(s, IMS_KEEP_PCSCF, "a", "");
	commit(s);
	s->ops->free(s);
	s = must_open();
	assert_int_equal(size(s, IMS_KEEP_PCSCF), 1);
	s->ops->free(s);
}

static void count(struct ims_keep_store *s)
{
	struct ims_ipsec_live *a = s->ops->live(s, 7), *b = s->ops->live(s, 8);

	put(s, IMS_KEEP_SET, "p7", "a set");
	put(s, IMS_KEEP_SET, "p8", "a set");
	commit(s);
	a->sa[0].seq = 1000;
	a->sa[1].window.top = 2000;
	b->sa[3].seq = 3000;
	put(s, IMS_KEEP_SET, "p8", ""); /* its end is not committed */
	s->ops->drop(s, 8);
	s->ops->live(s, 9)->sa[0].seq = 4000; /* nor is its beginning */
	put(s, IMS_KEEP_SET, "p9", "a set");
}

static void counters_survive_without_a_commit(void **state)
{
	struct ims_keep_store *s;
	struct ims_ipsec_live *l;

	in_a_process_that_dies(count);
	s = must_open();
	assert_int_equal(size(s, IMS_KEEP_SET), 2);
	l = s->ops->live(s, 7);
	assert_int_equal(l->sa[0].seq, 1000);
	assert_int_equal(l->sa[1].window.top, 2000);
	assert_int_equal(s->ops->live(s, 8)->sa[3].seq, 3000);
	assert_int_equal(s->ops->live(s, 9)->sa[0].seq, 0);
	s->ops->free(s);
}

static void counters_go_with_their_set(void **state)
{
	struct ims_keep_store *s = must_open();

	s->ops->live(s, 7)->sa[0].seq = 5;
	s->ops->drop(s, 7);
	assert_int_equal(s->ops->live(s, 7)->sa[0].seq, 0); /* another one */
	s->ops->live(s, 7)->sa[0].seq = 5;
	s->ops->drop(s, 7);
	s->ops->drop(s, 7);
	s->ops->drop(s, 12345);
	commit(s);
	assert_int_equal(s->ops->live(s, 7)->sa[0].seq, 0);
	s->ops->free(s);
}

enum { MANY = 3 * IMS_IO_LIVE_CHUNK + 1 };

static void many(struct ims_keep_store *s)
{
	struct ims_ipsec_live *l[MANY];
	char key[16];

	for (unsigned i = 0; i < MANY; i++) {
		l[i] = s->ops->live(s, i + 1);
		snprintf(key, sizeof key, "u%u", i + 1);
		put(s, IMS_KEEP_SET, key, "x");
	}
	commit(s);
	for (unsigned i = 0; i < MANY; i++) /* none has moved */
		l[i]->sa[2].seq = i * 3;
}

static void the_file_grows(void **state)
{
	struct ims_keep_store *s;

	in_a_process_that_dies(many);
	s = must_open();
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(s->ops->live(s, i + 1)->sa[2].seq, i * 3);
	s->ops->free(s);
}

/* Killed at any instant of a load: the record that was last committed is
 * there, or the one after it.
 */
static void load(struct ims_keep_store *s)
{
	struct ims_ipsec_live *l = s->ops->live(s, 1);
	struct itimerval t = {.it_value.tv_usec = 1000 + rand() % 30000};
	char text[20];

	put(s, IMS_KEEP_SET, "p1", "x");
	commit(s);
	signal(SIGALRM, SIG_DFL);
	setitimer(ITIMER_REAL, &t, NULL);
	for (unsigned i = 1;; i++) {
		l->sa[1].seq = i; /* begun */
		snprintf(text, sizeof text, "%u", i);
		put(s, IMS_KEEP_UE, "n", text);
		put(s, IMS_KEEP_PCSCF, "n", text);
		commit(s);
		l->sa[0].seq = i; /* promised */
	}
}

static void every_promise_survives_the_end_at_any_instant(void **state)
{
	unsigned last = 0;

	for (int i = 0; i < 20; i++) {
		struct ims_keep_store *s;
		struct wanted a = {.key = "n"}, b = {.key = "n"};
		unsigned got;

		srand((unsigned)i);
		in_a_process_that_dies(load);
		s = must_open();
		assert_int_equal(s->ops->each(s, IMS_KEEP_UE, note, &a), 0);
		assert_int_equal(s->ops->each(s, IMS_KEEP_PCSCF, note, &b), 0);
		assert_string_equal(a.got, b.got);
		got = (unsigned)atoi(a.got);
		assert_true(got >= s->ops->live(s, 1)->sa[0].seq);
		assert_true(got <= s->ops->live(s, 1)->sa[1].seq);
		last |= got;
		put(s, IMS_KEEP_SET, "p1", "");
		s->ops->drop(s, 1);
		commit(s);
		s->ops->free(s);
	}
	assert_true(last > 0);
}

static void only_we_may_read_them(void **state)
{
	struct ims_keep_store *s = must_open();
	struct stat st;

	put(s, IMS_KEEP_UE, "a", "b");
	commit(s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(beside, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	s->ops->free(s);
}

/* As a copy that was put back; but nobody else's file is touched. */
static void what_others_may_read_is_theirs_no_more(void **state)
{
	struct ims_keep_store *s = must_open();
	struct stat st;
	int fd;

	s->ops->free(s);
	assert_int_equal(chmod(path, 0644), 0);
	s = must_open();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	s->ops->free(s);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "root:x:0:0:root:/root\n", 22), 22);
	close(fd);
	assert_int_equal(chmod(path, 0644), 0);
	must_refuse("not a database");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

/* A limit on the size of files is a disk that is full. */
static void nothing_is_lost_when_the_disk_is_full(void **state)
{
	struct ims_keep_store *s = must_open();
	struct rlimit was, tight = {.rlim_cur = 8192};
	char big[3000] = {0};

	memset(big, 'x', sizeof big - 1);
	put(s, IMS_KEEP_UE, "a", "before");
	commit(s);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	tight.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	for (int i = 0; i < 20; i++) {
		char key[10];

		snprintf(key, sizeof key, "k%d", i);
		put(s, IMS_KEEP_PCSCF, key, big);
	}
	assert_int_equal(s->ops->commit(s), -IMS_E_STORE);
	assert_true(s->ops->why(s)[0]);
	assert_int_equal(s->ops->commit(s), -IMS_E_STORE);
	put(s, IMS_KEEP_UE, "a", "after");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	commit(s);
	s->ops->free(s);
	s = must_open();
	must_have(s, IMS_KEEP_UE, "a", "after");
	assert_int_equal(size(s, IMS_KEEP_PCSCF), 20);
	s->ops->free(s);
}

/* No room for counters: the set does without, nothing crashes. */
static void no_room_for_counters_is_no_memory(void **state)
{
	struct ims_keep_store *s = must_open();
	struct rlimit was, tight = {.rlim_cur = 8192};

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	tight.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_null(s->ops->live(s, 1));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_non_null(s->ops->live(s, 1));
	s->ops->free(s);
}

/* --- which files are refused --- */

static void a_store_that_is_open_is_refused(void **state)
{
	struct ims_keep_store *s = must_open();

	must_refuse_as(-IMS_E_IN_USE, "in use by another imsreg");
	s->ops->free(s);
	s = must_open();
	s->ops->free(s);
}

static void what_is_no_database_is_refused(void **state)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	char text[5000];

	memset(text, 'x', sizeof text);
	assert_int_equal(write(fd, text, sizeof text), sizeof text);
	close(fd);
	must_refuse("not a database");
}

static void another_database_or_version_is_refused(void **state)
{
	struct ims_keep_store *s = must_open();

	s->ops->free(s);
	sql("PRAGMA user_version = 99");
	must_refuse("version 99, this program knows 1");
	sql("PRAGMA application_id = 1");
	must_refuse("another kind or program");
}

static void a_damaged_database_is_refused(void **state)
{
	char zero[4096] = {0};

	in_a_process_that_dies(many);
	sql("PRAGMA wal_checkpoint(TRUNCATE)");
	overwrite(path, 4096, zero, sizeof zero);
	must_refuse("");
}

static void counters_that_are_missing_are_refused(void **state)
{
	in_a_process_that_dies(count);
	unlink(beside);
	must_refuse("missing; remove it and");
}

static void counters_of_others_are_refused(void **state)
{
	uint64_t mark = 12345;

	in_a_process_that_dies(count);
	overwrite(beside, offsetof(struct ims_io_live_head, mark), &mark,
		  sizeof mark);
	must_refuse("of other records");
}

static void counters_that_are_cut_short_are_refused(void **state)
{
	in_a_process_that_dies(count);
	assert_int_equal(truncate(beside, 5000), 0);
	must_refuse("damaged");
	assert_int_equal(truncate(beside, 100), 0);
	must_refuse("damaged");
}

static void a_set_that_counts_twice_is_refused(void **state)
{
	uint32_t set = 7;

	in_a_process_that_dies(count);
	for (int i = 0; i < 4; i++)
		overwrite(beside,
			  IMS_IO_LIVE_HEAD +
				  i * (off_t)sizeof(struct ims_io_live_slot),
			  &set, sizeof set);
	must_refuse("counters (FILE-live) are damaged");
}

static void without_sets_lost_counters_are_no_loss(void **state)
{
	struct ims_keep_store *s;

	in_a_process_that_dies(some);
	unlink(beside);
	s = must_open();
	must_have(s, IMS_KEEP_PCSCF, "a", "four");
	s->ops->free(s);
}

static void sets_do_not_outlive_the_machine(void **state)
{
	struct ims_keep_store *s;

	in_a_process_that_dies(some);
	in_a_process_that_dies(count);
	overwrite(beside, offsetof(struct ims_io_live_head, boot), "another",
		  7);
	s = must_open();
	assert_int_equal(size(s, IMS_KEEP_SET), 0);
	assert_int_equal(s->ops->live(s, 7)->sa[0].seq, 0);
	must_have(s, IMS_KEEP_PCSCF, "a", "four");
	s->ops->free(s);
}

/* Within one start of the machine, whatever its clock is set to. */
static void a_clock_that_is_set_changes_no_epoch(void **state)
{
	struct ims_keep_store *s = must_open();

	assert_int_equal(s->ops->epoch(s, 1000), 1000);
	assert_int_equal(s->ops->epoch(s, 1700000000000), 1000);
	s->ops->free(s);
	s = must_open();
	assert_int_equal(s->ops->epoch(s, 1700000000000), 1000);
	s->ops->free(s);
	overwrite(beside, offsetof(struct ims_io_live_head, boot), "another",
		  7);
	s = must_open();
	assert_int_equal(s->ops->epoch(s, 1700000000000), 1700000000000);
	s->ops->free(s);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_committed_survives_and_nothing_else),
		CASE(counters_survive_without_a_commit),
		CASE(counters_go_with_their_set),
		CASE(the_file_grows),
		CASE(every_promise_survives_the_end_at_any_instant),
		CASE(only_we_may_read_them),
		CASE(what_others_may_read_is_theirs_no_more),
		CASE(nothing_is_lost_when_the_disk_is_full),
		CASE(no_room_for_counters_is_no_memory),
		CASE(a_store_that_is_open_is_refused),
		CASE(what_is_no_database_is_refused),
		CASE(another_database_or_version_is_refused),
		CASE(a_damaged_database_is_refused),
		CASE(counters_that_are_missing_are_refused),
		CASE(counters_of_others_are_refused),
		CASE(counters_that_are_cut_short_are_refused),
		CASE(a_set_that_counts_twice_is_refused),
		CASE(without_sets_lost_counters_are_no_loss),
		CASE(sets_do_not_outlive_the_machine),
		CASE(a_clock_that_is_set_changes_no_epoch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
