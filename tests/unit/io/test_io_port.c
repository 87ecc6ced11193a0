/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_port.c - local ports: who has them, and datagrams. */
#include "peer.h"

static void a_taken_port_is_refused_and_named(void **state)
{
	struct heard a, b;
	struct ims_flaw why = {0};
	struct ims_host *h;

	up(&a, NULL);
	up(&b, NULL); /* finds the next port */
	assert_int_not_equal(a.addr.port, b.addr.port);
	h = b.host;
	assert_int_equal(h->ops->hold(h, a.addr, false, &why), -IMS_E_PORT);
	assert_int_equal(why.err, -IMS_E_PORT);
	assert_non_null(strstr(why.text, "127.0.0.1"));
	/* Once it is free, it can be had. */
	a.host->ops->release(a.host, a.addr);
	assert_int_equal(h->ops->hold(h, a.addr, false, &why), 0);
	down(&a);
	down(&b);
}

static void a_port_lives_as_long_as_its_last_user(void **state)
{
	struct heard h;
	int fd;

	up(&h, NULL);
	assert_int_equal(h.host->ops->hold(h.host, h.addr, false, NULL), 0);
	h.host->ops->release(h.host, h.addr);
	fd = dial(&h);
	put(fd, MSG);
	assert_true(until(&h, &h.messages, 1));
	close(fd);
	h.host->ops->release(h.host, h.addr);
	h.host->ops->release(h.host, h.addr);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	{
		union ims_io_sa sa;
		socklen_t n = ims_io_sa_from(h.addr, &sa);

		assert_int_equal(connect(fd, &sa.sa, n), -1);
	}
	close(fd);
	down(&h);
}

static void what_cannot_be_held_is_refused(void **state)
{
	struct heard h;
	struct ims_flaw why = {0};
	struct ims_addr other;

	up(&h, NULL);
	assert_int_equal(ims_addr_parse(IMS_S("192.0.2.77:5070"), 0, &other),
			 0);
	assert_int_equal(h.host->ops->hold(h.host, other, false, &why),
			 -IMS_E_RANGE);
	other = h.addr;
	other.port = 0;
	assert_int_equal(h.host->ops->hold(h.host, other, false, &why),
			 -IMS_E_RANGE);
	/* Without IPsec nothing is protected; and not by halves. */
	other.port = (uint16_t)(h.addr.port + 1);
	assert_int_equal(h.host->ops->hold(h.host, other, true, &why),
			 -IMS_E_IPSEC);
	down(&h);
}

static void an_address_of_nobody_is_no_host(void **state)
{
	static const char *const bad[] = {"0.0.0.0", "::"};
	struct ims_io_loop *l = ims_io_loop_new();
	struct ims_host_up u = {0};
	struct ims_host *h = NULL;
	struct ims_flaw why = {0};

	for (size_t i = 0; i < N_OF(bad); i++) {
		struct ims_io_host_conf conf = {.netns = -1,
						.ipsec = IMS_IPSEC_NONE};

		assert_int_equal(ims_ip_parse(ims_str(bad[i]), &conf.ip), 0);
		assert_int_equal(ims_io_host_new(l, &conf, &u, &h, &why),
				 -IMS_E_RANGE);
		assert_null(h);
	}
	ims_io_loop_free(l);
}

static int datagrams(const struct heard *h, struct ims_addr *own)
{
	union ims_io_sa sa;
	struct ims_addr any = h->addr;
	socklen_t n;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	any.port = 0;
	n = ims_io_sa_from(any, &sa);
	assert_int_equal(bind(fd, &sa.sa, n), 0);
	assert_int_equal(getsockname(fd, &sa.sa, &n), 0);
	*own = ims_io_sa_to(&sa);
	n = ims_io_sa_from(h->addr, &sa);
	assert_int_equal(connect(fd, &sa.sa, n), 0);
	return fd;
}

static void datagrams_come_and_are_answered_from_the_same_port(void **state)
{
	struct heard h;
	struct ims_addr own;
	char buf[100];
	int fd;

	up(&h, NULL);
	h.answer = true;
	fd = datagrams(&h, &own);
	put(fd, MSG);
	assert_true(until(&h, &h.messages, 1));
	assert_int_equal(h.flow.transport, IMS_UDP);
	assert_int_equal(h.flow.conn, 0);
	assert_int_equal(h.flow.set, 0);
	assert_true(ims_addr_eq(h.flow.remote, own));
	assert_true(ims_addr_eq(h.flow.local, h.addr));
	assert_int_equal(recv(fd, buf, sizeof buf, 0), strlen(MSG));
	close(fd);
	down(&h);
}

static void keep_alive_datagrams_are_not_messages(void **state)
{
	struct heard h;
	struct ims_addr own;
	int fd;

	up(&h, NULL);
	fd = datagrams(&h, &own);
	put(fd, "\r\n\r\n");
	assert_int_equal(send(fd, "\0\0\0\0", 4, 0), 4);
	assert_int_equal(send(fd, "", 0, 0), 0);
	put(fd, MSG);
	assert_true(until(&h, &h.messages, 1));
	ims_io_loop_run_for(h.loop, 5);
	assert_int_equal(h.messages, 1);
	assert_int_equal(h.dropped, 0);
	close(fd);
	down(&h);
}

static void what_cannot_be_sent_says_why(void **state)
{
	struct heard h;
	struct ims_flow f = {.transport = IMS_UDP};
	struct ims_flaw why = {0};
	static char huge[66000];

	up(&h, NULL);
	f.local = h.addr;
	f.remote = h.addr;
	assert_int_equal(h.host->ops->send(h.host, &f,
					   ims_str_n(huge, sizeof huge), 1,
					   &why),
			 -IMS_E_TOOBIG);
	f.local.port = 1;
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 1, &why),
			 -IMS_E_NOTFOUND);
	f.local = h.addr;
	f.set = 3;
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 1, &why),
			 -IMS_E_NOTFOUND);
	f.set = 0;
	f.remote.port = 0;
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 1, &why),
			 -IMS_E_RANGE);
	assert_int_equal(ims_addr_parse(IMS_S("[2001:db8::1]:5060"), 0,
					&f.remote),
			 0);
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 1, &why),
			 -IMS_E_RANGE);
	down(&h);
}

static void without_ipsec_no_set_is_taken(void **state)
{
	struct heard h;
	struct ims_ipsec_set s = {.id = 1, .ue = true};
	struct ims_ipsec_count c[IMS_N_ARROWS];
	struct ims_flaw why = {0};

	up(&h, NULL);
	assert_int_equal(h.host->ops->sa_add(h.host, &s, &why), -IMS_E_IPSEC);
	assert_int_equal(h.host->ops->sa_count(h.host, 1, c), -IMS_E_NOTFOUND);
	h.host->ops->sa_del(h.host, 1);
	down(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_taken_port_is_refused_and_named),
		cmocka_unit_test(a_port_lives_as_long_as_its_last_user),
		cmocka_unit_test(what_cannot_be_held_is_refused),
		cmocka_unit_test(an_address_of_nobody_is_no_host),
		cmocka_unit_test(
			datagrams_come_and_are_answered_from_the_same_port),
		cmocka_unit_test(keep_alive_datagrams_are_not_messages),
		cmocka_unit_test(what_cannot_be_sent_says_why),
		cmocka_unit_test(without_ipsec_no_set_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
