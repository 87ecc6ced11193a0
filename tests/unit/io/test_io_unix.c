/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_unix.c - whose socket it is, and who may connect. */
#include "unix_peer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int try(struct heard *h, const char *path, struct ims_flaw *why)
{
	struct ims_io_unix *s;
	int err = ims_io_unix_new(h->loop, path, NULL, &h->up, &s, why);

	if (!err)
		ims_io_unix_free(s);
	return err;
}

static void only_its_user_may_touch_it(void **state)
{
	struct heard h;
	struct stat st;

	up(&h, NULL);
	assert_int_equal(stat(h.path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	down(&h);
	assert_int_equal(stat(h.path, &st), -1);
}

static void a_living_ones_socket_is_left_alone(void **state)
{
	char pid[40];
	struct ims_flaw why = {0};
	struct heard h;
	int fd;

	up(&h, NULL);
	assert_int_equal(try(&h, h.path, &why), -IMS_E_CTL_TAKEN);
	assert_int_equal(why.err, -IMS_E_CTL_TAKEN);
	snprintf(pid, sizeof pid, "process %d ", (int)getpid());
	assert_non_null(strstr(why.text, pid));
	fd = dial(&h);
	put(fd, "still there\n");
	until(&h, &h.lines, 1);
	assert_string_equal(h.last, "still there");
	close(fd);
	down(&h);
}

static void a_dead_ones_socket_is_replaced(void **state)
{
	struct ims_flaw why = {0};
	struct heard h;
	int status;
	pid_t pid;

	up(&h, NULL);
	ims_io_unix_free(h.server);
	h.server = NULL;
	pid = fork();
	if (pid == 0) {
		struct sockaddr_un sa = {.sun_family = AF_UNIX};
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		strcpy(sa.sun_path, h.path);
		_exit(bind(fd, (struct sockaddr *)&sa, sizeof sa) ||
		      listen(fd, 1));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(access(h.path, F_OK), 0);
	assert_int_equal(try(&h, h.path, &why), 0);
	down(&h);
}

static void nobody_holds_us_up_by_locking_the_folder(void **state)
{
	struct ims_flaw why = {0};
	struct heard h;
	char folder[sizeof h.path];
	int fd;

	up(&h, NULL);
	ims_io_unix_free(h.server);
	h.server = NULL;
	strcpy(folder, h.path);
	*strrchr(folder, '/') = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	alarm(10);
	assert_int_equal(try(&h, h.path, &why), 0);
	alarm(0);
	close(fd);
	down(&h);
}

static void what_is_no_socket_stays(void **state)
{
	struct ims_flaw why = {0};
	char path[sizeof(((struct heard *)0)->path)];
	struct heard h;
	int fd;

	up(&h, NULL);
	snprintf(path, sizeof path, "%.90s/file", h.folder);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(try(&h, path, &why), -IMS_E_EXISTS);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(h.path, path), 0);
	assert_int_equal(try(&h, path, &why), -IMS_E_EXISTS);
	assert_int_equal(unlink(path), 0);
	down(&h);
}

static void a_path_must_be_one(void **state)
{
	char path[200];
	struct ims_flaw why = {0};
	struct heard h;

	up(&h, NULL);
	assert_int_equal(try(&h, "", &why), -IMS_E_RANGE);
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(try(&h, path, &why), -IMS_E_RANGE);
	assert_int_equal(try(&h, "/nowhere/at/all.sock", &why), -IMS_E_NOFILE);
	down(&h);
}

/* Somebody may have put his own there meanwhile. */
static void only_its_own_is_removed_at_the_end(void **state)
{
	struct heard h;

	struct ims_io_unix *other;
	struct ims_flaw why;

	up(&h, NULL);
	assert_int_equal(unlink(h.path), 0);
	assert_int_equal(ims_io_unix_new(h.loop, h.path, NULL, &h.up, &other,
					 &why),
			 0);
	ims_io_unix_free(h.server);
	h.server = NULL;
	assert_int_equal(access(h.path, F_OK), 0);
	ims_io_unix_free(other);
	assert_int_equal(access(h.path, F_OK), -1);
	down(&h);
}

static void one_too_many_is_told_so(void **state)
{
	const struct ims_io_unix_limits l = {.conns = 2};
	char buf[64];
	struct heard h;
	int fd[3];

	up(&h, &l);
	for (int i = 0; i < 3; i++)
		fd[i] = dial(&h);
	ims_io_loop_run_for(h.loop, 20);
	assert_int_equal(look(fd[2], buf, sizeof buf), 9);
	assert_memory_equal(buf, "bye now!\n", 9);
	assert_int_equal(h.farewell, -IMS_E_CTL_BUSY);
	assert_int_equal(look(fd[2], buf, sizeof buf), 0);
	close(fd[0]);
	ims_io_loop_run_for(h.loop, 20);
	close(fd[2]);
	fd[2] = dial(&h);
	put(fd[2], "in\n");
	until(&h, &h.lines, 1);
	close(fd[1]);
	close(fd[2]);
	down(&h);
}

static void another_user_is_turned_away(void **state)
{
	struct heard h;
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		print_message("not root: skipped\n");
		return;
	}
	up(&h, NULL);
	assert_int_equal(chmod(h.path, 0666), 0);
	assert_int_equal(chmod(h.folder, 0755), 0);
	pid = fork();
	if (pid == 0) {
		char buf[64];
		int fd;

		if (setuid(65534))
			_exit(2);
		fd = dial(&h);
		usleep(200000);
		_exit(look(fd, buf, sizeof buf) > 0 &&
				      memcmp(buf, "bye", 3) == 0
			      ? 0
			      : 1);
	}
	ims_io_loop_run_for(h.loop, 300);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(h.farewell, -IMS_E_RIGHTS);
	down(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_its_user_may_touch_it),
		cmocka_unit_test(a_living_ones_socket_is_left_alone),
		cmocka_unit_test(a_dead_ones_socket_is_replaced),
		cmocka_unit_test(nobody_holds_us_up_by_locking_the_folder),
		cmocka_unit_test(what_is_no_socket_stays),
		cmocka_unit_test(a_path_must_be_one),
		cmocka_unit_test(only_its_own_is_removed_at_the_end),
		cmocka_unit_test(one_too_many_is_told_so),
		cmocka_unit_test(another_user_is_turned_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
