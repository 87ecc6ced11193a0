/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_ping.c - keep-alives over UDP. */
#include "pcscf_test.h"

static const char request[20] = {0,    1,   0,   0,   0x21, 0x12, (char)0xa4,
				 0x42, 't', 'r', 'a', 'n',  's',  'a',
				 'c',  't', 'i', 'o', 'n',  '1'};
static struct ims_act answer;
static uint8_t bytes[64];

/* What comes of it: is there an answer? */
static bool ping(const struct ims_flow *f, const void *data, size_t n)
{
	struct ims_ev ev = {.kind = IMS_EV_MSG,
			    .flow = *f,
			    .bytes = ims_str_n(data, n)};
	bool any = false;
	struct ims_act a;

	ims_pcscf_event(p, &ev, now);
	while (ims_pcscf_next(p, &a)) {
		if (a.kind != IMS_ACT_SEND)
			continue;
		any = true;
		answer = a;
		assert_true(a.bytes.n <= sizeof bytes);
		memcpy(bytes, a.bytes.p, a.bytes.n);
	}
	return any;
}

/* RFC 5389 15.2: address and port as they came, over the same pair of ports. */
static void a_registered_ue_gets_its_answer(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);

	assert_true(ping(&f, request, sizeof request));
	assert_true(ims_flow_same(&answer.flow, &f));
	assert_int_equal(answer.bytes.n, 44);
	assert_int_equal(bytes[0], 1);
	assert_int_equal(bytes[1], 1);
	assert_int_equal(bytes[3], 24);
	assert_memory_equal(bytes + 4, request + 4, 16);
	assert_int_equal(bytes[21], 0x20);
	assert_int_equal(bytes[25], 2);
	assert_int_equal((bytes[26] << 8 | bytes[27]) ^ 0x2112, 38003);
	for (int i = 0; i < 16; i++)
		assert_int_equal(bytes[28 + i] ^ (uint8_t)request[4 + i],
				 f.remote.ip.b[i]);
}

static void nobody_else_gets_one(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);

	assert_false(ping(&f, request, sizeof request));
	go_challenged(IMS_UDP);
	assert_false(ping(&f, request, sizeof request));
	f = inside(last_added(), IMS_UDP);
	assert_false(ping(&f, request, sizeof request));
	f.remote.port++; /* not the SA's */
	assert_false(ping(&f, request, sizeof request));
}

static void what_is_no_whole_request_gets_none(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);
	char other[20];

	for (size_t n = 0; n < sizeof request; n++)
		assert_false(ping(&f, request, n));
	for (size_t i = 0; i < 8; i++) {
		memcpy(other, request, sizeof other);
		other[i] ^= 0x41;
		assert_false(ping(&f, other, sizeof other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_registered_ue_gets_its_answer),
		T(nobody_else_gets_one),
		T(what_is_no_whole_request_gets_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
