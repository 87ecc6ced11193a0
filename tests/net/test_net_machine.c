/* SPDX-License-Identifier: BSD-2-Clause */
/* test_net_machine.c - namespaces, links, captures, and what this kernel can:
 * each thing by itself.
 */
#include "net_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io_sock.h"
#include "io_tun.h"
#include "io_xfrm.h"

static ino_t inode(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static ino_t own_ns(void)
{
	int fd = ims_io_netns_own(NULL);
	ino_t i = inode(fd);

	close(fd);
	return i;
}

static void a_new_namespace_is_another_one_and_one_comes_back(void **state)
{
	struct ims_flaw why = {0};
	ino_t before = own_ns();
	int ns = ims_io_netns_new(&why), back;

	assert_true(ns >= 0);
	assert_true(own_ns() == before);
	assert_true(inode(ns) != before);
	assert_int_equal(ims_io_netns_enter(ns, &back, &why), 0);
	assert_true(own_ns() == inode(ns));
	ims_io_netns_leave(back);
	assert_true(own_ns() == before);
	assert_int_equal(ims_io_netns_enter(-1, &back, &why), 0);
	assert_true(own_ns() == before);
	ims_io_netns_leave(back);
	close(ns);
}

static void what_is_no_namespace_cannot_be_entered(void **state)
{
	struct ims_flaw why = {0};
	int fd = open("/dev/null", O_RDONLY), back = -7;

	assert_true(ims_io_netns_enter(fd, &back, &why) < 0);
	assert_int_equal(back, -7);
	assert_true(why.text[0] != 0);
	close(fd);
}

/* Runs it as nobody, without any right; the child tells 0 for success. */
static int as_nobody(int (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgid(65534) || setuid(65534))
			_exit(99);
		_exit(what());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define EXPECT(cond)                               \
	do {                                       \
		if (!(cond))                       \
			return __LINE__ % 255 + 1; \
	} while (0)

static int without_rights(void)
{
	struct ims_flaw why = {0};
	struct ims_ip ip = {.family = 4, .b = {127, 0, 0, 1}};
	struct ims_io_sock_conf c = {.local = {ip, 80}};
	struct ims_io_link *l;

	EXPECT(ims_io_netns_new(&why) == -IMS_E_RIGHTS);
	EXPECT(strstr(why.text, "CAP_SYS_ADMIN"));
	EXPECT(ims_io_sock_esp(ip, &why) == -IMS_E_RIGHTS);
	EXPECT(strstr(why.text, "CAP_NET_RAW"));
	EXPECT(ims_io_probe_tun(-1, &why) == -IMS_E_RIGHTS);
	EXPECT(strstr(why.text, "CAP_NET_ADMIN") ||
	       strstr(why.text, "/dev/net/tun"));
	EXPECT(ims_io_probe_kernel(-1, 4, &why) == -IMS_E_RIGHTS);
	EXPECT(strstr(why.text, "CAP_NET_ADMIN"));
	EXPECT(ims_io_link_open(-1, &l, &why) == 0);
	EXPECT(ims_io_link_up(l, "lo", 1234, &why) == -IMS_E_RIGHTS);
	EXPECT(strstr(why.text, "CAP_NET_ADMIN"));
	ims_io_link_close(l);
	if (ims_io_sock_udp(&c, &why) >= 0)
		return 0; /* ip_unprivileged_port_start may allow it */
	EXPECT(strstr(why.text, "127.0.0.1:80"));
	return 0;
}

static void a_missing_right_is_named(void **state)
{
	assert_int_equal(as_nobody(without_rights), 0);
}

/* A user without rights becomes root of his own machine. */
static int on_own_ground(void)
{
	struct ims_flaw why = {0};
	int ns, err = ims_io_userns(&why);

	if (err) {
		EXPECT(err == -IMS_E_RIGHTS || err == -IMS_E_HERE);
		printf("no user namespace: %s\n", why.text);
		return 0;
	}
	EXPECT(geteuid() == 0);
	ns = ims_io_netns_new(&why);
	EXPECT(ns >= 0);
	EXPECT(ims_io_sock_esp((struct ims_ip){.family = 4}, &why) >= 0);
	return 0;
}

static void a_user_without_rights_may_have_a_machine_of_his_own(void **state)
{
	assert_int_equal(as_nobody(on_own_ground), 0);
}

static void links_addresses_and_detours_come_and_go(void **state)
{
	struct lab lab;
	struct ims_io_link *l;
	struct ims_flaw why = {0};
	char name[IMS_IO_DEV] = "try%d";
	struct ims_io_detour d = {.family = 6, .name = name, .table = 4711};
	char *rules;
	int back, tun;

	lab_up(&lab, 6);
	assert_int_equal(ims_io_link_open(lab.ns[UE], &l, &why), 0);
	assert_int_equal(ims_io_link_index(l, "nosuch", &why), -IMS_E_NOTFOUND);
	assert_non_null(strstr(why.text, "nosuch"));
	assert_int_equal(ims_io_link_addr(l, "veth-ue", lab.ip[UE], 64, &why),
			 -IMS_E_EXISTS);
	assert_int_equal(ims_io_link_veth(l, "veth-ue", -1, "other", &why),
			 -IMS_E_EXISTS);
	assert_int_equal(ims_io_netns_enter(lab.ns[UE], &back, &why), 0);
	tun = ims_io_tun_open(name, &why);
	ims_io_netns_leave(back);
	assert_true(tun >= 0);
	assert_string_equal(name, "try0");
	assert_int_equal(ims_io_link_tame(l, name, &why), 0);
	assert_int_equal(ims_io_link_up(l, name, 65535, &why), 0);
	assert_int_equal(ims_io_link_detour_add(l, &d, &why), 0);
	rules = lab_shell(&lab, UE, "ip -6 rule; ip -6 route show table 4711");
	assert_non_null(strstr(rules, "oif try0 lookup 4711"));
	assert_non_null(strstr(rules, "default dev try0"));
	free(rules);
	ims_io_link_detour_del(l, &d);
	ims_io_link_detour_del(l, &d);
	rules = lab_shell(&lab, UE, "ip -6 rule");
	assert_null(strstr(rules, "try0"));
	free(rules);
	assert_int_equal(ims_io_link_down(l, "veth-ue", &why), 0);
	assert_int_equal(ims_io_link_ready(l, "veth-ue", 4, 5, &why),
			 -IMS_E_SILENCE);
	assert_int_equal(ims_io_link_del(l, "veth-ue", &why), 0);
	assert_int_equal(ims_io_link_del(l, "veth-ue", &why), -IMS_E_NOTFOUND);
	ims_io_link_close(l);
	close(tun);
	lab_down(&lab);
}

static void count_frame(void *arg, uint64_t wall_ns, const uint8_t *frame,
			size_t n, unsigned link)
{
	unsigned *count = arg;

	(void)wall_ns;
	assert_int_equal(link, 1);
	assert_true(n > 14);
	if (frame[12] == 8 && frame[13] == 0)
		(*count)++;
}

static void a_capture_on_loopback_sees_each_packet_once(void **state)
{
	struct lab lab;
	unsigned count = 0;
	struct ims_io_capture *cap;
	struct ims_io_capture_conf conf = {.dev = "lo",
					   .frame = count_frame,
					   .arg = &count};
	union ims_io_sa sa;
	socklen_t n;
	int fd;

	lab_up(&lab, 4);
	conf.netns = lab.ns[UE];
	assert_int_equal(ims_io_capture_new(lab.loop, &conf, &cap, &lab.flaw),
			 0);
	fd = lab_socket(&lab, UE, SOCK_DGRAM, lab_addr(&lab, UE, 5000));
	n = ims_io_sa_from(lab_addr(&lab, UE, 5000), &sa);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sendto(fd, "x", 1, 0, &sa.sa, n), 1);
	assert_true(lab_wait(&lab, &count, 3, 1000));
	ims_io_capture_flush(cap);
	assert_int_equal(count, 3);
	ims_io_capture_free(cap);
	conf.dev = "nosuch";
	assert_int_equal(ims_io_capture_new(lab.loop, &conf, &cap, &lab.flaw),
			 -IMS_E_NOTFOUND);
	close(fd);
	lab_down(&lab);
}

static void automatic_takes_what_is_there_and_says_why(void **state)
{
	struct lab lab;
	struct ims_flaw why = {0};
	bool esp;

	lab_up(&lab, 4);
	esp = ims_io_probe_kernel(lab.ns[UE], 4, &why) == 0;
	lab.host[UE]->ops->free(lab.host[UE]);
	assert_int_equal(lab_host(&lab, UE, IMS_IPSEC_AUTO), 0);
	assert_string_equal(lab.host[UE]->ipsec, esp ? "kernel" : "userspace");
	assert_int_equal(lab.flaw.err, 0);
	assert_true(lab.flaw.text[0] != 0);
	assert_true(esp || strstr(lab.flaw.text, "ESP"));
	/* Asked for by name, it is that or an error. */
	lab.host[UE]->ops->free(lab.host[UE]);
	lab.host[UE] = NULL;
	assert_int_equal(lab_host(&lab, UE, IMS_IPSEC_KERNEL) == 0, esp);
	assert_true(esp || lab.flaw.err == -IMS_E_NO_ESP);
	lab_down(&lab);
}

/* The kernel refuses the first state: nothing of the set may stay. */
static void a_kernel_without_esp_refuses_and_keeps_nothing(void **state)
{
	struct lab lab;
	struct ims_flaw why = {0};
	struct ims_ipsec_backend *b;
	struct ims_io_backend_conf conf = {0};
	struct ims_ipsec_set set;
	struct ims_ipsec_count count[IMS_N_ARROWS];
	char *left;
	int err;

	lab_up(&lab, 6);
	conf.netns = lab.ns[UE];
	conf.ip = lab.ip[UE];
	if (ims_io_probe_kernel(conf.netns, 6, &why) == 0) {
		printf("skipped: this kernel has ESP\n");
		lab_down(&lab);
		return;
	}
	assert_int_equal(why.err, -IMS_E_NO_ESP);
	assert_int_equal(ims_io_xfrm_new(&conf, &b, &why), 0);
	for (size_t i = 0; i < IMS_N_SUITES; i++) {
		set = lab_set(&lab, UE, 3, ims_ipsec_suites[i]);
		err = b->ops->add(b, &set, &why);
		/* It may not even get as far as that. */
		assert_true(err == -IMS_E_NO_ESP || err == -IMS_E_ALGO);
		if (err == -IMS_E_ALGO)
			printf("%s\n", why.text);
		assert_non_null(strstr(why.text, "uc->ps"));
		assert_int_equal(b->ops->count(b, 3, count), -IMS_E_NOTFOUND);
	}
	left = lab_shell(&lab, UE, "ip xfrm state; ip xfrm policy");
	assert_string_equal(left, "");
	free(left);
	b->ops->free(b);
	lab_down(&lab);
}

static void a_protected_port_has_its_policies_while_it_is_held(void **state)
{
	struct lab lab;
	struct ims_flaw why = {0};
	struct ims_ipsec_backend *b;
	struct ims_io_backend_conf conf = {.network = true};
	struct ims_addr port;
	char *seen;
	int fd;

	lab_up(&lab, 6);
	conf.netns = lab.ns[NET];
	conf.ip = lab.ip[NET];
	port = lab_addr(&lab, NET, PORT_PS);
	assert_int_equal(ims_io_xfrm_new(&conf, &b, &why), 0);
	assert_int_equal(b->ops->protect(b, port, &why), 0);
	seen = lab_shell(&lab, NET, "ip xfrm policy");
	assert_non_null(strstr(seen, "dport 50718"));
	assert_non_null(strstr(seen, "sport 50718"));
	assert_non_null(strstr(seen, "dir in"));
	assert_non_null(strstr(seen, "dir out"));
	free(seen);
	/* Somebody has it: it is not overwritten, and not taken away. */
	fd = lab_socket(&lab, NET, SOCK_DGRAM, port);
	assert_int_equal(b->ops->protect(b, port, &why), -IMS_E_PORT);
	close(fd);
	seen = lab_shell(&lab, NET, "ip xfrm policy");
	assert_non_null(strstr(seen, "dir in"));
	assert_non_null(strstr(seen, "dir out"));
	free(seen);
	b->ops->unprotect(b, port);
	seen = lab_shell(&lab, NET, "ip xfrm policy");
	assert_string_equal(seen, "");
	free(seen);
	assert_int_equal(b->ops->protect(b, port, &why), 0);
	b->ops->free(b);
	seen = lab_shell(&lab, NET, "ip xfrm policy");
	assert_string_equal(seen, "");
	free(seen);
	lab_down(&lab);
}

/* What a killed run has left is taken over: policies, and states if the kernel
 * can have any.
 */
static void a_killed_run_does_not_stop_the_next(void **state)
{
	struct lab lab;
	struct ims_flaw why = {0};
	struct ims_ipsec_backend *killed, *b;
	struct ims_io_backend_conf conf = {.network = true};
	struct ims_addr port;
	struct ims_ipsec_set set;
	bool esp;
	char *seen;

	lab_up(&lab, 6);
	conf.netns = lab.ns[NET];
	conf.ip = lab.ip[NET];
	port = lab_addr(&lab, NET, PORT_PS);
	esp = ims_io_probe_kernel(conf.netns, 6, &why) == 0;
	assert_int_equal(ims_io_xfrm_new(&conf, &killed, &why), 0);
	assert_int_equal(killed->ops->protect(killed, port, &why), 0);
	set = lab_set(&lab, NET, 9, ims_ipsec_suites[6]);
	assert_int_equal(killed->ops->add(killed, &set, &why) == 0, esp);
	assert_int_equal(ims_io_xfrm_new(&conf, &b, &why), 0);
	if (b->ops->protect(b, port, &why))
		fail_msg("%s", why.text);
	/* its states may be wanted; who does not want them sweeps */
	assert_int_equal(b->ops->sweep(b, &why), esp ? 4 : 0);
	seen = lab_shell(&lab, NET, "ip xfrm state");
	assert_null(strstr(seen, "50718"));
	free(seen);
	b->ops->free(b);
	seen = lab_shell(&lab, NET, "ip xfrm policy");
	assert_string_equal(seen, "");
	free(seen);
	killed->ops->free(killed);
	lab_down(&lab);
}

static uint32_t gone_set;

static void note_gone(void *arg, uint32_t set)
{
	gone_set = set;
	ims_io_loop_stop(arg);
}

/* Adopted with its counters; and noticed when somebody takes it away. */
static void a_killed_runs_set_is_adopted_and_looked_after(void **state)
{
	struct lab lab;
	struct ims_flaw why = {0};
	struct ims_ipsec_backend *killed, *b;
	struct ims_io_backend_conf conf = {.network = true};
	struct ims_ipsec_count count[IMS_N_ARROWS];
	struct ims_ipsec_set set;

	lab_up(&lab, 6);
	conf.netns = lab.ns[NET];
	conf.ip = lab.ip[NET];
	if (ims_io_probe_kernel(conf.netns, 6, &why)) {
		lab_down(&lab);
		print_message("this kernel has no ESP\n");
		skip();
	}
	assert_int_equal(ims_io_xfrm_new(&conf, &killed, &why), 0);
	set = lab_set(&lab, NET, 9, ims_ipsec_suites[6]);
	assert_int_equal(killed->ops->add(killed, &set, &why), 0);
	conf.loop = ims_io_loop_new();
	assert_non_null(conf.loop);
	conf.gone = note_gone;
	conf.arg = conf.loop;
	assert_int_equal(ims_io_xfrm_new(&conf, &b, &why), 0);
	set.adopt = true;
	assert_int_equal(b->ops->add(b, &set, &why), 0);
	assert_int_equal(b->ops->sweep(b, &why), 0);
	assert_int_equal(b->ops->count(b, 9, count), 0);
	ims_io_loop_run_for(conf.loop, 300);
	assert_int_equal(gone_set, 0);
	free(lab_shell(&lab, NET, "ip xfrm state deleteall"));
	ims_io_loop_run_for(conf.loop, 3000);
	assert_int_equal(gone_set, 9);
	b->ops->free(b);
	killed->ops->free(killed);
	ims_io_loop_free(conf.loop);
	lab_down(&lab);
}

/* The device goes with the process; its rule does not. */
static void rules_of_a_killed_run_go_with_the_next(void **state)
{
	struct lab lab;
	struct ims_flaw why = {0};
	struct ims_ipsec_backend *b;
	struct ims_io_backend_conf conf = {.rnd = ims_rand_system()};
	char *before, *left, *after;
	pid_t pid;

	lab_up(&lab, 6);
	conf.netns = lab.ns[NET];
	conf.ip = lab.ip[NET];
	conf.loop = ims_io_loop_new();
	assert_non_null(conf.loop);
	before = lab_shell(&lab, NET, "ip -6 rule");
	pid = fork();
	if (!pid) {
		/* not the first name, which the next would take */
		if (!ims_io_tun_new(&conf, &b, &why))
			(void)ims_io_tun_new(&conf, &b, &why);
		kill(getpid(), SIGKILL);
	}
	assert_true(waitpid(pid, NULL, 0) == pid);
	left = lab_shell(&lab, NET, "ip -6 rule");
	assert_string_not_equal(left, before);
	assert_int_equal(ims_io_tun_new(&conf, &b, &why), 0);
	b->ops->free(b);
	after = lab_shell(&lab, NET, "ip -6 rule");
	assert_string_equal(after, before);
	free(before);
	free(left);
	free(after);
	ims_io_loop_free(conf.loop);
	lab_down(&lab);
}

/* Only what we made is ours to take away. */
static void a_strangers_policy_outlives_us(void **state)
{
	struct lab lab;
	char *seen;

	lab_up(&lab, 4);
	free(lab_shell(&lab, NET,
		       "ip xfrm policy add src 198.51.100.1 dst 192.0.2.2 "
		       "dir in tmpl proto esp mode transport reqid 77"));
	lab_hold(&lab);
	lab.host[NET]->ops->free(lab.host[NET]);
	lab.host[NET] = NULL;
	seen = lab_shell(&lab, NET, "ip xfrm policy");
	assert_non_null(strstr(seen, "198.51.100.1"));
	free(seen);
	lab_down(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_new_namespace_is_another_one_and_one_comes_back),
		cmocka_unit_test(what_is_no_namespace_cannot_be_entered),
		cmocka_unit_test(a_missing_right_is_named),
		cmocka_unit_test(
			a_user_without_rights_may_have_a_machine_of_his_own),
		cmocka_unit_test(links_addresses_and_detours_come_and_go),
		cmocka_unit_test(a_capture_on_loopback_sees_each_packet_once),
		cmocka_unit_test(automatic_takes_what_is_there_and_says_why),
		cmocka_unit_test(
			a_kernel_without_esp_refuses_and_keeps_nothing),
		cmocka_unit_test(
			a_protected_port_has_its_policies_while_it_is_held),
		cmocka_unit_test(a_killed_run_does_not_stop_the_next),
		cmocka_unit_test(a_killed_runs_set_is_adopted_and_looked_after),
		cmocka_unit_test(rules_of_a_killed_run_go_with_the_next),
		cmocka_unit_test(a_strangers_policy_outlives_us),
	};

	if (!lab_possible())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
