/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_sqlite.c - opening: ours, nobody's, somebody else's, damaged. */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hss/store_cases.h"
#include "io_sqlite.h"

static char dir[64], path[128];

static int setup(void **state)
{
	strcpy(dir, "/tmp/imsreg-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/subs.db", dir);
	return 0;
}

static int teardown(void **state)
{
	static const char *const tail[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < N_OF(tail); i++) {
		char name[160];

		snprintf(name, sizeof(name), "%s%s", path, tail[i]);
		unlink(name);
	}
	return rmdir(dir);
}

static struct ims_hss_store *must_open(void)
{
	struct ims_hss_store *st = NULL;
	struct ims_flaw why = {0};

	if (ims_io_sqlite_open(path, &st, &why))
		fail_msg("%s", why.text);
	return st;
}

static void must_refuse(const char *because)
{
	struct ims_hss_store *st = NULL;
	struct ims_flaw why = {0};

	assert_int_equal(ims_io_sqlite_open(path, &st, &why), -IMS_E_STORE);
	assert_null(st);
	if (!strstr(why.text, because))
		fail_msg("\"%s\" does not say \"%s\"", why.text, because);
}

static void sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void write_file(const void *p, size_t n, off_t at)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, n, at), n);
	close(fd);
}

static void the_file_is_for_its_owner_only(void **state)
{
	struct ims_sub a = store_sub("001", "a@x.invalid");
	mode_t mask = umask(0);
	struct ims_hss_store *st = must_open();
	struct stat sb;
	char wal[160];

	assert_int_equal(st->ops->add(st, &a), 0);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	assert_int_equal(stat(wal, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	st->ops->free(st);
	umask(mask);
}

static void what_was_stored_is_there_after_reopening(void **state)
{
	struct ims_sub a = store_sub("001", "a@x.invalid"), got;
	struct ims_hss_store *st = must_open();

	assert_int_equal(st->ops->add(st, &a), 0);
	st->ops->free(st);
	st = must_open();
	assert_int_equal(st->ops->get(st, IMS_S("a@x.invalid"), &got), 0);
	assert_sub_equal(&got, &a);
	st->ops->free(st);
}

static void two_may_have_it_open(void **state)
{
	struct ims_sub a = store_sub("001", "a@x.invalid"), got;
	struct ims_hss_store *one = must_open(), *two = must_open();

	assert_int_equal(one->ops->add(one, &a), 0);
	assert_int_equal(two->ops->set_sqn(two, IMS_S("a@x.invalid"), 5), 0);
	assert_int_equal(one->ops->get(one, IMS_S("a@x.invalid"), &got), 0);
	assert_true(got.sqn == 5);
	one->ops->free(one);
	two->ops->free(two);
}

static void a_lock_that_stays_is_an_error_not_a_hang(void **state)
{
	struct ims_sub a = store_sub("001", "a@x.invalid");
	struct ims_hss_store *st = must_open();
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(st->ops->add(st, &a), -IMS_E_STORE);
	assert_non_null(strstr(st->ops->why(st), "locked"));
	sqlite3_close(db);
	assert_int_equal(st->ops->add(st, &a), 0);
	st->ops->free(st);
}

static void a_file_that_is_no_database_is_refused_and_kept(void **state)
{
	char text[1024], now[1024];
	int fd;

	memset(text, 'x', sizeof(text));
	write_file(text, sizeof(text), 0);
	must_refuse("not a database");
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, now, sizeof(now)), sizeof(now));
	close(fd);
	assert_memory_equal(now, text, sizeof(text));
}

static void a_database_of_another_program_is_refused(void **state)
{
	sql("CREATE TABLE sub (x)");
	must_refuse("another program");
}

static void a_newer_schema_is_refused(void **state)
{
	struct ims_hss_store *st = must_open();

	st->ops->free(st);
	sql("PRAGMA user_version = 2");
	must_refuse("version 2");
}

static void a_place_where_no_file_can_be_is_an_error(void **state)
{
	struct ims_hss_store *st = NULL;
	struct ims_flaw why = {0};

	assert_int_equal(ims_io_sqlite_open("/nonexistent/x/subs.db", &st,
					    &why),
			 -IMS_E_STORE);
	assert_non_null(strstr(why.text, "No such file"));
	assert_int_equal(ims_io_sqlite_open("", &st, &why), -IMS_E_STORE);
	assert_int_equal(ims_io_sqlite_open(dir, &st, NULL), -IMS_E_STORE);
}

static void damage_is_found_and_never_read_as_empty(void **state)
{
	struct ims_hss_store *st = must_open();
	struct ims_flaw why = {0};
	char junk[4096];

	for (int i = 0; i < 200; i++) {
		struct ims_sub s;
		char imsi[16];

		snprintf(imsi, sizeof(imsi), "%03d", i);
		s = store_sub(imsi, imsi);
		assert_int_equal(st->ops->add(st, &s), 0);
	}
	assert_int_equal(ims_io_sqlite_check(st, &why), 0);
	st->ops->free(st);
	memset(junk, 0xa5, sizeof(junk));
	for (off_t at = 2; at < 12; at++) /* not the schema */
		write_file(junk, sizeof(junk), at * 4096);
	st = must_open();
	assert_int_equal(ims_io_sqlite_check(st, &why), -IMS_E_STORE);
	assert_non_null(strstr(why.text, "damaged"));
	st->ops->free(st);
}

static void a_row_that_was_edited_badly_is_an_error(void **state)
{
	static const char *const edit[] = {
		"UPDATE sub SET algo = 'rot13'",
		"UPDATE sub SET algo = 'milenage', k = x'00'",
		"UPDATE sub SET k = zeroblob(16), opc = zeroblob(33)",
		"UPDATE sub SET opc = zeroblob(16), res_len = 33",
		"UPDATE sub SET res_len = 8, iterations = 256",
		"UPDATE sub SET iterations = 1, amf = x'80'",
		"UPDATE sub SET amf = x'8000', impi = impi || zeroblob(1)",
	};
	struct ims_sub a = store_sub("001", "a@x.invalid"), got;
	struct ims_hss_store *st = must_open();
	struct store_seen seen = {0};

	assert_int_equal(st->ops->add(st, &a), 0);
	for (size_t i = 0; i < N_OF(edit); i++) {
		sql(edit[i]);
		assert_int_equal(st->ops->get_imsi(st, IMS_S("001"), &got),
				 -IMS_E_STORE);
		assert_int_equal(st->ops->list(st, store_see, &seen),
				 -IMS_E_STORE);
	}
	sql("UPDATE sub SET impi = 'a@x.invalid'");
	assert_int_equal(st->ops->get_imsi(st, IMS_S("001"), &got), 0);
	sql("WITH RECURSIVE c(x) AS (SELECT 9 UNION ALL SELECT x + 1 FROM c "
	    "LIMIT 9) INSERT INTO impu SELECT '001', x, 'sip:x', 0 FROM c");
	assert_int_equal(st->ops->get_imsi(st, IMS_S("001"), &got),
			 -IMS_E_STORE);
	st->ops->free(st);
}

static void deleted_keys_do_not_stay_in_the_file(void **state)
{
	static const uint8_t canary[16] = "K-is-a-canary-!";
	struct ims_sub a = store_sub("001", "a@x.invalid");
	struct ims_hss_store *st = must_open();
	static char mem[1 << 20];
	ssize_t n;
	int fd;

	memcpy(a.key.k, canary, sizeof(canary));
	assert_int_equal(st->ops->add(st, &a), 0);
	assert_int_equal(st->ops->del(st, IMS_S("001")), 0);
	st->ops->free(st); /* the log is merged and goes */
	fd = open(path, O_RDONLY);
	n = read(fd, mem, sizeof(mem));
	close(fd);
	assert_true(n > 4096);
	assert_null(memmem(mem, (size_t)n, canary, sizeof(canary)));
}

#define CASE(name)                                      \
	static void name(void **state)                  \
	{                                               \
		struct ims_hss_store *st = must_open(); \
                                                        \
		case_##name(st);                        \
		st->ops->free(st);                      \
	}
CASE(keeps_what_it_was_given)
CASE(adds_nobody_twice)
CASE(changes_and_deletes)
CASE(lists_in_order)
CASE(keeps_hostile_text)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		T(the_file_is_for_its_owner_only),
		T(what_was_stored_is_there_after_reopening),
		T(two_may_have_it_open),
		T(a_lock_that_stays_is_an_error_not_a_hang),
		T(a_file_that_is_no_database_is_refused_and_kept),
		T(a_database_of_another_program_is_refused),
		T(a_newer_schema_is_refused),
		T(a_place_where_no_file_can_be_is_an_error),
		T(damage_is_found_and_never_read_as_empty),
		T(a_row_that_was_edited_badly_is_an_error),
		T(deleted_keys_do_not_stay_in_the_file),
		T(keeps_what_it_was_given),
		T(adds_nobody_twice),
		T(changes_and_deletes),
		T(lists_in_order),
		T(keeps_hostile_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
