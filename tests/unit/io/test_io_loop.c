/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_loop.c - timers, descriptors and signals in one loop. */
#include "test.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io_loop.h"

struct note {
	struct ims_io_loop *loop;
	struct ims_io_timer timer;
	struct ims_io_watch *watch;
	int fd;
	unsigned fired, what;
	uint64_t at;
	char order[8];
};

static void fire(void *arg)
{
	struct note *n = arg;

	n->fired++;
	n->at = ims_io_loop_now(n->loop);
}

static void a_timer_fires_once_and_not_early(void **state)
{
	struct ims_io_loop *l = ims_io_loop_new();
	struct note n = {.loop = l};
	uint64_t at = ims_io_loop_now(l) + 30;

	n.timer = (struct ims_io_timer){.fire = fire, .arg = &n};
	assert_int_equal(ims_io_timer_set(l, &n.timer, at), 0);
	ims_io_loop_run_for(l, 120);
	assert_int_equal(n.fired, 1);
	assert_true(n.at >= at);
	ims_io_loop_free(l);
}

static void a_cancelled_timer_is_silent_and_may_be_set_again(void **state)
{
	struct ims_io_loop *l = ims_io_loop_new();
	struct note n = {.loop = l};

	n.timer = (struct ims_io_timer){.fire = fire, .arg = &n};
	ims_io_timer_cancel(l, &n.timer);
	ims_io_timer_set(l, &n.timer, ims_io_loop_now(l) + 5);
	ims_io_timer_cancel(l, &n.timer);
	ims_io_loop_run_for(l, 20);
	assert_int_equal(n.fired, 0);
	ims_io_timer_set(l, &n.timer, 0);
	assert_int_equal(n.fired, 0); /* never from within the call */
	ims_io_loop_run_for(l, 5);
	assert_int_equal(n.fired, 1);
	ims_io_loop_free(l);
}

static void again(void *arg)
{
	struct note *n = arg;

	n->fired++;
	ims_io_timer_set(n->loop, &n->timer, 0);
}

static void a_timer_that_is_always_due_does_not_stop_the_others(void **state)
{
	struct ims_io_loop *l = ims_io_loop_new();
	struct note n = {.loop = l}, other = {.loop = l};

	n.timer = (struct ims_io_timer){.fire = again, .arg = &n};
	other.timer = (struct ims_io_timer){.fire = fire, .arg = &other};
	ims_io_timer_set(l, &n.timer, 0);
	ims_io_timer_set(l, &other.timer, ims_io_loop_now(l) + 5);
	ims_io_loop_run_for(l, 30);
	assert_true(n.fired > 1);
	assert_int_equal(other.fired, 1);
	ims_io_loop_free(l);
}

static void first(void *arg)
{
	strcat(((struct note *)arg)->order, "1");
}

static void second(void *arg)
{
	strcat(((struct note *)arg)->order, "2");
}

static void timers_fire_in_the_order_of_their_times(void **state)
{
	struct ims_io_loop *l = ims_io_loop_new();
	struct note n = {.loop = l};
	struct ims_io_timer a = {.fire = second, .arg = &n};
	struct ims_io_timer b = {.fire = first, .arg = &n};
	uint64_t now = ims_io_loop_now(l);

	ims_io_timer_set(l, &a, now + 4);
	ims_io_timer_set(l, &b, now + 2);
	usleep(8000);
	ims_io_loop_run_for(l, 10);
	assert_string_equal(n.order, "12");
	ims_io_loop_free(l);
}

/* Reads, and takes itself away while it is being called. */
static void ready(void *arg, unsigned what)
{
	struct note *n = arg;
	char c;

	n->fired++;
	n->what |= what;
	if (read(n->fd, &c, 1) == 1 && c == 'q') {
		ims_io_watch_free(n->watch);
		close(n->fd);
	}
}

static void a_watch_tells_what_is_ready_and_ends_in_its_callback(void **state)
{
	struct ims_io_loop *l = ims_io_loop_new();
	struct note n = {.loop = l};
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    fd),
			 0);
	n.fd = fd[0];
	assert_int_equal(ims_io_watch_new(l, fd[0], IMS_IO_READ, ready, &n,
					  &n.watch),
			 0);
	ims_io_loop_run_for(l, 5);
	assert_int_equal(n.fired, 0);
	assert_int_equal(write(fd[1], "aq", 2), 2);
	ims_io_watch_want(n.watch, 0);
	ims_io_loop_run_for(l, 5);
	assert_int_equal(n.fired, 0);
	ims_io_watch_want(n.watch, IMS_IO_READ);
	ims_io_loop_run_for(l, 20);
	assert_int_equal(n.fired, 2);
	assert_int_equal(n.what, IMS_IO_READ);
	close(fd[1]);
	ims_io_loop_free(l);
}

static void on_signal(void *arg, int signum)
{
	struct note *n = arg;

	n->fired++;
	assert_int_equal(signum, SIGUSR1);
	ims_io_loop_stop(n->loop);
}

static void a_signal_comes_in_the_loop(void **state)
{
	struct ims_io_loop *l = ims_io_loop_new();
	struct note n = {.loop = l};

	assert_int_equal(ims_io_signal(l, SIGUSR1, on_signal, &n), 0);
	raise(SIGUSR1);
	assert_int_equal(n.fired, 0);
	ims_io_loop_run(l);
	assert_int_equal(n.fired, 1);
	ims_io_loop_free(l);
}

static void what_is_still_open_goes_with_the_loop(void **state)
{
	struct ims_io_loop *l = ims_io_loop_new();
	struct note n = {.loop = l};
	int fd[2];

	assert_int_equal(pipe2(fd, O_NONBLOCK), 0);
	assert_int_equal(ims_io_watch_new(l, fd[0], IMS_IO_READ, ready, &n,
					  &n.watch),
			 0);
	n.timer = (struct ims_io_timer){.fire = fire, .arg = &n};
	ims_io_timer_set(l, &n.timer, ims_io_loop_now(l) + 10000);
	ims_io_loop_free(l);
	close(fd[0]);
	close(fd[1]);
	ims_io_loop_free(NULL);
}

static void the_clocks_run(void **state)
{
	struct ims_io_loop *l = ims_io_loop_new();
	uint64_t t = ims_io_loop_now(l);

	assert_true(t > 0);
	usleep(3000);
	assert_true(ims_io_loop_now(l) >= t + 2);
	assert_true(ims_io_wall_ms() > 1600000000000ull);
	ims_io_loop_free(l);
}

/* A child in a time namespace whose machine has slept for 5000 s. */
static int who_slept(void)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY);
	struct note n = {0};
	struct timespec awake;
	int status = -1;

	if (fd < 0 || write(fd, "boottime 5000 0", 15) != 15)
		return 77;
	close(fd);
	if (fork() == 0) {
		n.loop = ims_io_loop_new();
		n.timer = (struct ims_io_timer){.fire = fire, .arg = &n};
		clock_gettime(CLOCK_MONOTONIC, &awake);
		ims_io_timer_set(n.loop, &n.timer,
				 ims_io_loop_now(n.loop) + 20);
		ims_io_loop_run_for(n.loop, 200);
		_exit(n.fired == 1 && n.at / 1000 >
					      (uint64_t)awake.tv_sec + 4990
			      ? 0
			      : 1);
	}
	wait(&status);
	return WEXITSTATUS(status);
}

static void time_goes_on_while_the_machine_sleeps(void **state)
{
	int status;

	if (fork() == 0)
		_exit(unshare(CLONE_NEWTIME) ? 77 : who_slept());
	wait(&status);
	if (WEXITSTATUS(status) == 77)
		print_message("no time namespace here: skipped\n");
	else
		assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_fires_once_and_not_early),
		cmocka_unit_test(
			a_cancelled_timer_is_silent_and_may_be_set_again),
		cmocka_unit_test(
			a_timer_that_is_always_due_does_not_stop_the_others),
		cmocka_unit_test(timers_fire_in_the_order_of_their_times),
		cmocka_unit_test(
			a_watch_tells_what_is_ready_and_ends_in_its_callback),
		cmocka_unit_test(a_signal_comes_in_the_loop),
		cmocka_unit_test(what_is_still_open_goes_with_the_loop),
		cmocka_unit_test(the_clocks_run),
		cmocka_unit_test(time_goes_on_while_the_machine_sleeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
