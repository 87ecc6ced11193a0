/* SPDX-License-Identifier: BSD-2-Clause */
/* test_net_ipsec.c - SIP messages through real ESP between two hosts.
 *
 * With IMS_NET_IPSEC=kernel the same for the kernel's ESP.
 */
#include "net_lab.h"

#include <errno.h>
#include <unistd.h>

#include "io_sock.h"

static const struct ims_ipsec_suite sha_aes = {IMS_ALG_HMAC_SHA1,
					       IMS_EALG_AES_CBC};

static bool userspace(void)
{
	return lab_ipsec() == IMS_IPSEC_USERSPACE;
}

/* What the UE counts as sent, the network counts as received, and back. */
static void counts_agree(struct lab *lab, uint32_t set)
{
	struct ims_ipsec_count c[2][IMS_N_ARROWS];

	for (int i = 0; i < 2; i++)
		assert_int_equal(lab->host[i]->ops->sa_count(lab->host[i], set,
							     c[i]),
				 0);
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		assert_true(c[UE][a].packets > 0);
		assert_int_equal(c[UE][a].packets, c[NET][a].packets);
		assert_int_equal(c[UE][a].bytes, c[NET][a].bytes);
		assert_int_equal(c[UE][a].bad_icv + c[NET][a].bad_icv, 0);
	}
}

/* The eight ways of spec.md 6.2: UDP client to server, TCP both ways on
 * connections of either side.
 */
static void talk(struct lab *lab, uint32_t set)
{
	struct ims_str text = lab_text(600, "talk");
	struct ims_flow udp[2] = {lab_flow(lab, UE, PORT_UC, PORT_PS, IMS_UDP,
					   set),
				  lab_flow(lab, NET, PORT_PC, PORT_US, IMS_UDP,
					   set)};
	struct ims_flow tcp[2] = {lab_flow(lab, UE, PORT_UC, PORT_PS, IMS_TCP,
					   set),
				  lab_flow(lab, NET, PORT_PC, PORT_US, IMS_TCP,
					   set)};

	for (int i = 0; i < 2; i++) {
		struct ims_flow answer;

		lab_pass(lab, i, &udp[i], text);
		lab_pass(lab, i, &tcp[i], text);
		answer = lab->heard[!i].flow;
		lab_pass(lab, !i, &answer, text);
		/* Again, by the addresses: the same connection. */
		lab_pass(lab, i, &tcp[i], text);
		assert_int_equal(lab->heard[!i].flow.conn, answer.conn);
	}
	free((void *)text.p);
}

static void every_suite_carries_udp_and_tcp_both_ways(void **state)
{
	for (int family = 4; family <= 6; family += 2) {
		for (size_t i = 0; i < IMS_N_SUITES; i++) {
			struct lab lab;

			lab_up(&lab, family);
			lab_hold(&lab);
			lab_secure(&lab, 5, ims_ipsec_suites[i]);
			talk(&lab, 5);
			counts_agree(&lab, 5);
			assert_int_equal(lab.heard[UE].dropped, 0);
			assert_int_equal(lab.heard[NET].dropped, 0);
			lab_down(&lab);
		}
	}
}

/* Whatever ESP adds, and whoever counts. */
static void a_datagram_counts_with_its_udp_header(void **state)
{
	for (size_t i = 0; i < IMS_N_SUITES; i++) {
		struct ims_ipsec_count c[IMS_N_ARROWS];
		struct ims_str text = lab_text(600, "count");
		struct ims_flow f;
		struct lab lab;

		lab_up(&lab, i % 2 ? 4 : 6);
		lab_hold(&lab);
		lab_secure(&lab, 5, ims_ipsec_suites[i]);
		f = lab_flow(&lab, UE, PORT_UC, PORT_PS, IMS_UDP, 5);
		lab_pass(&lab, UE, &f, text);
		for (int k = 0; k < 2; k++) {
			assert_int_equal(lab.host[k]->ops->sa_count(lab.host[k],
								    5, c),
					 0);
			assert_int_equal(c[IMS_UC_TO_PS].packets, 1);
			assert_int_equal(c[IMS_UC_TO_PS].bytes, text.n + 8);
		}
		lab_down(&lab);
		free((void *)text.p);
	}
}

static void a_large_message_goes_in_fragments(void **state)
{
	for (int family = 4; family <= 6; family += 2) {
		struct lab lab;
		struct ims_str text = lab_text(5000, "large");
		struct ims_flow f;

		lab_up(&lab, family);
		lab_hold(&lab);
		lab_secure(&lab, 1, sha_aes);
		f = lab_flow(&lab, UE, PORT_UC, PORT_PS, IMS_UDP, 1);
		lab_pass(&lab, UE, &f, text);
		f = lab_flow(&lab, NET, PORT_PC, PORT_US, IMS_UDP, 1);
		lab_pass(&lab, NET, &f, text);
		free((void *)text.p);
		text = lab_text(60000, "huge");
		f = lab_flow(&lab, UE, PORT_UC, PORT_PS, IMS_TCP, 1);
		lab_pass(&lab, UE, &f, text);
		free((void *)text.p);
		lab_down(&lab);
	}
}

/* A stranger's datagram and connection to a protected port, from the UE's
 * machine but not through its SAs.
 */
static void clear_text(struct lab *lab, uint16_t from, uint16_t to)
{
	struct ims_addr there = lab_addr(lab, NET, to);
	int udp = lab_socket(lab, UE, SOCK_DGRAM, lab_addr(lab, UE, from));
	int tcp = lab_socket(lab, UE, SOCK_STREAM, lab_addr(lab, UE, from));
	struct ims_str text = lab_text(10, "clear");
	char buf[100];
	union ims_io_sa sa;
	socklen_t n = ims_io_sa_from(there, &sa);
	int err = 0;

	assert_int_equal(connect(udp, &sa.sa, n), 0);
	assert_int_equal(send(udp, text.p, text.n, 0), text.n);
	assert_int_equal(connect(tcp, &sa.sa, n), -1);
	assert_int_equal(errno, EINPROGRESS);
	ims_io_loop_run_for(lab->loop, 700);
	/* No datagram, no "port unreachable". */
	assert_int_equal(recv(udp, buf, sizeof buf, 0), -1);
	assert_int_equal(errno, EAGAIN);
	/* No SYN/ACK, no RST. */
	n = sizeof err;
	assert_int_equal(getsockopt(tcp, SOL_SOCKET, SO_ERROR, &err, &n), 0);
	assert_int_equal(err, 0);
	assert_int_equal(send(tcp, "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EAGAIN);
	close(udp);
	close(tcp);
	free((void *)text.p);
}

static void clear_text_to_a_protected_port_gets_nothing(void **state)
{
	for (int family = 4; family <= 6; family += 2) {
		struct lab lab;
		struct ims_io_host_stats stats;

		lab_up(&lab, family);
		lab_hold(&lab);
		lab_secure(&lab, 1, sha_aes);
		clear_text(&lab, 0, PORT_PS);
		clear_text(&lab, 44444, PORT_PC);
		assert_int_equal(lab.heard[NET].messages, 0);
		if (userspace()) {
			const unsigned *n =
				&lab.heard[NET].dropped_as[IMS_E_CLEAR];

			/* TCP is counted twice a second */
			assert_true(lab_wait(&lab, n, 4, 5000));
			ims_io_host_stats(lab.host[NET], &stats);
			assert_true(stats.clear >= 4);
		}
		/* And still the right way works. */
		talk(&lab, 1);
		lab_down(&lab);
	}
}

static void nothing_leaves_a_protected_port_without_its_set(void **state)
{
	struct lab lab;
	struct ims_str text = lab_text(10, "no");
	struct ims_host *h;
	struct ims_flow f;

	lab_up(&lab, 4);
	lab_hold(&lab);
	lab_secure(&lab, 1, sha_aes);
	h = lab.host[NET];
	f = lab_flow(&lab, NET, PORT_PC, PORT_US, IMS_UDP, 0);
	assert_int_equal(h->ops->send(h, &f, text, 1, &lab.flaw), -IMS_E_CLEAR);
	f.transport = IMS_TCP;
	assert_int_equal(h->ops->send(h, &f, text, 1, &lab.flaw), -IMS_E_CLEAR);
	f.set = 9;
	assert_int_equal(h->ops->send(h, &f, text, 1, &lab.flaw),
			 -IMS_E_NOTFOUND);
	f = lab_flow(&lab, NET, PORT_PC, 5555, IMS_UDP, 1);
	assert_int_equal(h->ops->send(h, &f, text, 1, &lab.flaw),
			 -IMS_E_NOTFOUND);
	f = lab_flow(&lab, NET, PORT_PC, PORT_US, IMS_UDP, 1);
	h->ops->sa_del(h, 1);
	assert_int_equal(h->ops->send(h, &f, text, 1, &lab.flaw),
			 -IMS_E_NOTFOUND);
	h->ops->sa_del(h, 1);
	free((void *)text.p);
	lab_down(&lab);
}

/* The last ESP packet that passed the wire, from the SPI on. */
struct tap {
	uint8_t esp[2000];
	size_t n;
};

static void on_frame(void *arg, uint64_t wall_ns, const uint8_t *frame,
		     size_t n, unsigned link)
{
	struct tap *t = arg;
	struct ims_packet p;

	assert_int_equal(link, 1);
	assert_true(wall_ns > 1600000000ull * 1000000000ull);
	if (n > 14 && !ims_packet_parse(frame + 14, n - 14, &p) &&
	    p.proto == 50 && !p.fragment && p.payload_len < sizeof t->esp) {
		memcpy(t->esp, p.payload, p.payload_len);
		t->n = p.payload_len;
	}
}

static void send_raw(struct lab *lab, const uint8_t *esp, size_t n)
{
	union ims_io_sa sa;
	socklen_t len = ims_io_sa_from(lab_addr(lab, NET, 0), &sa);
	int back, fd;

	assert_int_equal(ims_io_netns_enter(lab->ns[UE], &back, NULL), 0);
	fd = ims_io_sock_esp(lab->ip[UE], &lab->flaw);
	ims_io_netns_leave(back);
	assert_true(fd >= 0);
	assert_int_equal(sendto(fd, esp, n, 0, &sa.sa, len), n);
	close(fd);
	ims_io_loop_run_for(lab->loop, 50);
}

static void replay_and_flip(struct lab *lab, struct tap *tap)
{
	struct heard *net = &lab->heard[NET];
	struct ims_ipsec_count c[IMS_N_ARROWS], *in = &c[IMS_UC_TO_PS];
	unsigned before = net->messages;

	assert_true(tap->n > 40);
	send_raw(lab, tap->esp, tap->n);
	tap->esp[6] = 1; /* a sequence number that was not used yet */
	send_raw(lab, tap->esp, tap->n);
	tap->esp[0] ^= 0x40; /* an SPI that nobody has */
	send_raw(lab, tap->esp, tap->n);
	send_raw(lab, tap->esp, 3);
	assert_int_equal(net->messages, before);
	assert_int_equal(lab->host[NET]->ops->sa_count(lab->host[NET], 1, c),
			 0);
	assert_int_equal(in->replayed, 1);
	assert_int_equal(in->bad_icv, 1);
	if (!userspace())
		return; /* the kernel counts, it does not tell */
	assert_int_equal(net->dropped_as[IMS_E_ESP_REPLAY], 1);
	assert_int_equal(net->dropped_as[IMS_E_ESP_ICV], 1);
	assert_int_equal(net->dropped_as[IMS_E_ESP_SPI], 1);
	assert_int_equal(net->dropped_as[IMS_E_ESP_SHORT], 1);
}

static void a_replayed_or_altered_packet_is_dropped(void **state)
{
	for (int family = 4; family <= 6; family += 2) {
		struct lab lab;
		struct tap tap = {.n = 0};
		struct ims_io_capture *cap;
		struct ims_io_capture_conf conf = {.dev = "veth-net",
						   .frame = on_frame,
						   .arg = &tap};
		struct ims_str text = lab_text(100, "once");
		struct ims_flow f;

		lab_up(&lab, family);
		lab_hold(&lab);
		lab_secure(&lab, 1, sha_aes);
		conf.netns = lab.ns[NET];
		assert_int_equal(ims_io_capture_new(lab.loop, &conf, &cap,
						    &lab.flaw),
				 0);
		f = lab_flow(&lab, UE, PORT_UC, PORT_PS, IMS_UDP, 1);
		lab_pass(&lab, UE, &f, text);
		ims_io_capture_flush(cap);
		assert_int_equal(ims_io_capture_lost(cap), 0);
		ims_io_capture_free(cap);
		replay_and_flip(&lab, &tap);
		lab_pass(&lab, UE, &f, text);
		free((void *)text.p);
		lab_down(&lab);
	}
}

/* A renewed agreement: new port_uc, port_pc and SPIs, the same port_us and
 * port_ps; both sets live, then the old one goes.
 */
static void an_old_and_a_new_set_live_side_by_side(void **state)
{
	struct lab lab;
	struct ims_str text = lab_text(100, "renewed");
	struct ims_flow old, new;

	lab_up(&lab, 6);
	lab_hold(&lab);
	lab_secure(&lab, 1, sha_aes);
	assert_int_equal(lab.host[NET]->ops->hold(lab.host[NET],
						  lab_addr(&lab, NET, 50720),
						  true, &lab.flaw),
			 0);
	for (int i = 0; i < 2; i++) {
		struct ims_ipsec_set s = lab_set(&lab, i, 2, sha_aes);

		s.sa[IMS_UC_TO_PS].src.port = 38005;
		s.sa[IMS_PS_TO_UC].dst.port = 38005;
		s.sa[IMS_PC_TO_US].src.port = 50720;
		s.sa[IMS_US_TO_PC].dst.port = 50720;
		assert_int_equal(lab.host[i]->ops->sa_add(lab.host[i], &s,
							  &lab.flaw),
				 0);
	}
	old = lab_flow(&lab, UE, PORT_UC, PORT_PS, IMS_TCP, 1);
	new = lab_flow(&lab, UE, 38005, PORT_PS, IMS_TCP, 2);
	lab_pass(&lab, UE, &old, text);
	lab_pass(&lab, UE, &new, text);
	for (int i = 0; i < 2; i++)
		lab.host[i]->ops->sa_del(lab.host[i], 1);
	ims_io_loop_run_for(lab.loop, 20);
	lab_pass(&lab, UE, &new, text);
	new = lab_flow(&lab, NET, 50720, PORT_US, IMS_UDP, 2);
	lab_pass(&lab, NET, &new, text);
	free((void *)text.p);
	lab_down(&lab);
}

static void what_was_sent_before_the_set_went_still_arrives(void **state)
{
	struct lab lab;
	struct ims_str text = lab_text(100, "last words");
	struct ims_flow f;
	struct ims_host *h;

	lab_up(&lab, 6);
	lab_hold(&lab);
	lab_secure(&lab, 1, sha_aes);
	h = lab.host[NET];
	f = lab_flow(&lab, UE, PORT_UC, PORT_PS, IMS_TCP, 1);
	lab_pass(&lab, UE, &f, text);
	f = lab.heard[NET].flow;
	assert_int_equal(h->ops->send(h, &f, text, 0, &lab.flaw), 0);
	f = lab_flow(&lab, NET, PORT_PC, PORT_US, IMS_UDP, 1);
	assert_int_equal(h->ops->send(h, &f, text, 0, &lab.flaw), 0);
	h->ops->sa_del(h, 1);
	assert_true(lab_wait(&lab, &lab.heard[UE].messages, 2, 1000));
	free((void *)text.p);
	lab_down(&lab);
}

/* Two processes on one machine: two addresses, or even the same one. */
static void both_ends_may_be_on_one_machine(void **state)
{
	static const char *const net[] = {"127.0.0.2", "127.0.0.1"};

	for (size_t i = 0; userspace() && i < N_OF(net); i++) {
		struct lab lab;

		lab_up(&lab, 4);
		for (int who = 0; who < 2; who++)
			lab.host[who]->ops->free(lab.host[who]);
		close(lab.ns[NET]);
		lab.ns[NET] = dup(lab.ns[UE]);
		assert_int_equal(ims_ip_parse(IMS_S("127.0.0.1"), &lab.ip[UE]),
				 0);
		assert_int_equal(ims_ip_parse(ims_str(net[i]), &lab.ip[NET]),
				 0);
		for (int who = 0; who < 2; who++)
			assert_int_equal(lab_host(&lab, who,
						  IMS_IPSEC_USERSPACE),
					 0);
		lab_hold(&lab);
		lab_secure(&lab, 1, sha_aes);
		talk(&lab, 1);
		assert_int_equal(lab.heard[UE].dropped, 0);
		assert_int_equal(lab.heard[NET].dropped, 0);
		lab_down(&lab);
	}
}

static void the_ipv6_loopback_address_is_refused_with_a_reason(void **state)
{
	struct lab lab;

	lab_up(&lab, 4);
	lab.host[UE]->ops->free(lab.host[UE]);
	lab.host[UE] = NULL;
	assert_int_equal(ims_ip_parse(IMS_S("::1"), &lab.ip[UE]), 0);
	assert_int_equal(lab_host(&lab, UE, IMS_IPSEC_USERSPACE), -IMS_E_HERE);
	assert_non_null(strstr(lab.flaw.text, "::1"));
	lab_down(&lab);
}

static void a_refused_set_leaves_nothing(void **state)
{
	struct lab lab;
	struct ims_ipsec_set a, b;
	struct ims_host *h;

	lab_up(&lab, 4);
	h = lab.host[UE];
	a = lab_set(&lab, UE, 1, sha_aes);
	b = lab_set(&lab, UE, 2, sha_aes);
	b.sa[IMS_UC_TO_PS].src.port = b.sa[IMS_PS_TO_UC].dst.port = 38005;
	b.sa[IMS_PC_TO_US].src.port = b.sa[IMS_US_TO_PC].dst.port = 50720;
	b.sa[IMS_PC_TO_US].spi = a.sa[IMS_PC_TO_US].spi;
	assert_int_equal(h->ops->sa_add(h, &a, &lab.flaw), 0);
	assert_int_equal(h->ops->sa_add(h, &b, &lab.flaw), -IMS_E_SPI_TAKEN);
	assert_int_equal(lab.flaw.err, -IMS_E_SPI_TAKEN);
	h->ops->sa_del(h, 1);
	assert_int_equal(h->ops->sa_add(h, &b, &lab.flaw), 0);
	lab_down(&lab);
}

static void after_the_end_no_trace_is_left(void **state)
{
	for (int family = 4; family <= 6; family += 2) {
		struct lab lab;
		char *before, *now;
		const char *look = "ip -4 rule; ip -6 rule; ip -o link; "
				   "ip -4 route show table all 2>&1; "
				   "ip -6 route show table all 2>&1 | "
				   "grep -v -e fe80 -e ff00; "
				   "ip xfrm state; ip xfrm policy; ss -anutwH";

		lab_up(&lab, family);
		lab.host[UE]->ops->free(lab.host[UE]);
		before = lab_shell(&lab, UE, look);
		assert_int_equal(lab_host(&lab, UE, lab_ipsec()), 0);
		lab_hold(&lab);
		lab_secure(&lab, 1, sha_aes);
		talk(&lab, 1);
		now = lab_shell(&lab, UE, look);
		assert_string_not_equal(now, before);
		free(now);
		lab.host[UE]->ops->free(lab.host[UE]);
		lab.host[UE] = NULL;
		now = lab_shell(&lab, UE, look);
		assert_string_equal(now, before);
		free(now);
		free(before);
		lab_down(&lab);
	}
}

static void a_taken_port_is_named(void **state)
{
	struct lab lab;
	struct ims_host *h;
	struct ims_ipsec_set s;
	int fd;

	lab_up(&lab, 4);
	h = lab.host[UE];
	fd = lab_socket(&lab, UE, SOCK_DGRAM, lab_addr(&lab, UE, PORT_UC));
	s = lab_set(&lab, UE, 1, sha_aes);
	assert_int_equal(h->ops->sa_add(h, &s, &lab.flaw), -IMS_E_PORT);
	assert_non_null(strstr(lab.flaw.text, "192.0.2.1:38003"));
	close(fd);
	assert_int_equal(h->ops->sa_add(h, &s, &lab.flaw), 0);
	lab_down(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_suite_carries_udp_and_tcp_both_ways),
		cmocka_unit_test(a_datagram_counts_with_its_udp_header),
		cmocka_unit_test(a_large_message_goes_in_fragments),
		cmocka_unit_test(clear_text_to_a_protected_port_gets_nothing),
		cmocka_unit_test(
			nothing_leaves_a_protected_port_without_its_set),
		cmocka_unit_test(a_replayed_or_altered_packet_is_dropped),
		cmocka_unit_test(an_old_and_a_new_set_live_side_by_side),
		cmocka_unit_test(
			what_was_sent_before_the_set_went_still_arrives),
		cmocka_unit_test(both_ends_may_be_on_one_machine),
		cmocka_unit_test(
			the_ipv6_loopback_address_is_refused_with_a_reason),
		cmocka_unit_test(a_refused_set_leaves_nothing),
		cmocka_unit_test(after_the_end_no_trace_is_left),
		cmocka_unit_test(a_taken_port_is_named),
	};

	if (!lab_possible())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
