/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_unix_path.c - where control sockets are, and which are alive. */
#include "unix_peer.h"

#include <sys/stat.h>

#include "io_unix_path.h"

static void the_folder_is_made_and_the_name_made_harmless(void **state)
{
	char folder[] = "/tmp/imsreg-path-XXXXXX", run[64], want[128];
	char path[IMS_IO_UNIX_PATH];
	struct ims_flaw why;
	struct stat st;

	assert_non_null(mkdtemp(folder));
	snprintf(run, sizeof run, "%s/run", folder);
	setenv("IMSREG_RUN_DIR", run, 1);
	assert_int_equal(ims_io_unix_path("ue-a/../b c\n@d", path, &why), 0);
	snprintf(want, sizeof want, "%s/ue-a_.._b_c__d.sock", run);
	assert_string_equal(path, want);
	assert_int_equal(stat(run, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(ims_io_unix_path("core", path, &why), 0);
	assert_int_equal(rmdir(run), 0);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(ims_io_unix_path("core", path, &why), -IMS_E_NOFILE);
}

static void too_long_is_refused(void **state)
{
	char name[200], path[IMS_IO_UNIX_PATH];
	struct ims_flaw why;

	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	setenv("IMSREG_RUN_DIR", "/tmp", 1);
	assert_int_equal(ims_io_unix_path(name, path, &why), -IMS_E_RANGE);
	name[IMS_IO_UNIX_PATH - 1 - strlen("/tmp/.sock")] = '\0';
	assert_int_equal(ims_io_unix_path(name, path, &why), 0);
	assert_int_equal(strlen(path), IMS_IO_UNIX_PATH - 1);
}

static void only_the_living_are_found(void **state)
{
	char found[4][IMS_IO_UNIX_PATH], dead[128];
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct ims_io_unix *second;
	struct ims_flaw why;
	char path[128];
	struct heard h;
	int fd;

	up(&h, NULL);
	setenv("IMSREG_RUN_DIR", h.folder, 1);
	snprintf(dead, sizeof dead, "%s/dead.sock", h.folder);
	strcpy(sa.sun_path, dead);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	close(fd);
	assert_int_equal(ims_io_unix_find(found, 4), 1);
	assert_string_equal(found[0], h.path);
	snprintf(path, sizeof path, "%s/0.sock", h.folder);
	assert_int_equal(ims_io_unix_new(h.loop, path, NULL, &h.up, &second,
					 &why),
			 0);
	assert_int_equal(ims_io_unix_find(found, 4), 2);
	assert_string_equal(found[0], path);
	assert_string_equal(found[1], h.path);
	assert_int_equal(ims_io_unix_find(found, 1), 2);
	ims_io_unix_free(second);
	assert_int_equal(unlink(dead), 0);
	down(&h);
	assert_int_equal(ims_io_unix_find(found, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_folder_is_made_and_the_name_made_harmless),
		cmocka_unit_test(too_long_is_refused),
		cmocka_unit_test(only_the_living_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
