/* SPDX-License-Identifier: BSD-2-Clause */
/* test_txn_match.c - which transaction a message belongs to. */
#include "txn_test.h"

static enum ims_txn_kind got(const struct ims_flow *f, const char *via,
			     const char *method)
{
	return recv_request(f, via, method, 0).kind;
}

static void branch_sent_by_and_method_make_a_request_the_same(void **state)
{
	struct ims_flow f = flow(IMS_UDP);

	assert_int_equal(got(&f, VIA, "REGISTER"), IMS_TXN_NEW);
	assert_int_equal(got(&f, VIA, "REGISTER"), IMS_TXN_AGAIN);
	assert_int_equal(got(&f, VIA, "OPTIONS"), IMS_TXN_NEW);
	assert_int_equal(got(&f, "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKtwo",
			     "REGISTER"),
			 IMS_TXN_NEW);
	assert_int_equal(got(&f, "SIP/2.0/UDP 10.0.0.1:5061;branch=z9hG4bKone",
			     "REGISTER"),
			 IMS_TXN_NEW);
	assert_int_equal(got(&f, "SIP/2.0/UDP h;branch=z9hG4bKone", "REGISTER"),
			 IMS_TXN_NEW);
	assert_int_equal(got(&f, "SIP/2.0/UDP H:5060;branch=z9hG4bKone",
			     "REGISTER"),
			 IMS_TXN_AGAIN);
	assert_int_equal(
		got(&f,
		    "SIP / 2.0 / UDP 10.0.0.1:5060 ;x=y; branch = z9hG4bKone",
		    "REGISTER"),
		IMS_TXN_AGAIN);
}

static void the_same_bytes_over_another_set_are_another_request(void **state)
{
	struct ims_flow f = flow(IMS_UDP);

	assert_int_equal(got(&f, VIA, "REGISTER"), IMS_TXN_NEW);
	f.set = 1;
	assert_int_equal(got(&f, VIA, "REGISTER"), IMS_TXN_NEW);
	f.set = 2;
	assert_int_equal(got(&f, VIA, "REGISTER"), IMS_TXN_NEW);
	f.set = 1;
	assert_int_equal(got(&f, VIA, "REGISTER"), IMS_TXN_AGAIN);
	f.side = IMS_MW;
	assert_int_equal(got(&f, VIA, "REGISTER"), IMS_TXN_NEW);
	f.remote = at("10.0.0.3:5060");
	assert_int_equal(got(&f, VIA, "REGISTER"), IMS_TXN_NEW);
}

static struct ims_str old(char *mem, size_t cap, const char *uri,
			  const char *from, unsigned cseq, const char *via)
{
	int n = snprintf(mem, cap,
			 "REGISTER %s SIP/2.0\r\nVia: %s\r\n"
			 "From: <sip:a>;tag=%s\r\nTo: <sip:b>\r\nCall-ID: c\r\n"
			 "CSeq: %u REGISTER\r\nMax-Forwards: 70\r\n"
			 "Content-Length: 0\r\n\r\n",
			 uri, via, from, cseq);

	return ims_str_n(mem, (size_t)n);
}

static void without_the_cookie_the_keys_of_rfc_2543_count(void **state)
{
	static const struct {
		const char *uri, *from;
		unsigned cseq;
		const char *via;
		enum ims_txn_kind want;
	} row[] = {
		{"sip:x", "1", 1, "SIP/2.0/UDP h", IMS_TXN_NEW},
		{"sip:x", "1", 1, "SIP/2.0/UDP h", IMS_TXN_AGAIN},
		{"sip:y", "1", 1, "SIP/2.0/UDP h", IMS_TXN_NEW},
		{"sip:x", "2", 1, "SIP/2.0/UDP h", IMS_TXN_NEW},
		{"sip:x", "1", 2, "SIP/2.0/UDP h", IMS_TXN_NEW},
		{"sip:x", "1", 1, "SIP/2.0/UDP h;branch=1", IMS_TXN_NEW},
		{"sip:x", "1", 1, "SIP/2.0/UDP h;branch=1", IMS_TXN_AGAIN},
		/* a branch without cookie is not enough */
		{"sip:z", "1", 1, "SIP/2.0/UDP h;branch=1", IMS_TXN_NEW},
	};
	struct ims_flow f = flow(IMS_UDP);
	char mem[1000];

	for (size_t i = 0; i < N_OF(row); i++) {
		struct ims_str s = old(mem, sizeof mem, row[i].uri, row[i].from,
				       row[i].cseq, row[i].via);

		assert_int_equal(recv_bytes(&f, s, 0).kind, row[i].want);
	}
}

static void a_response_matches_by_branch_and_method(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	char mem[1000];

	send_request(&f, VIA, 3, 0);
	assert_int_equal(
		recv_bytes(&f, response(mem, sizeof mem, VIA, "OPTIONS", 200),
			   1)
			.kind,
		IMS_TXN_STRAY);
	assert_int_equal(
		recv_bytes(&f,
			   response(mem, sizeof mem,
				    "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKon",
				    "REGISTER", 200),
			   1)
			.kind,
		IMS_TXN_STRAY);
	assert_int_equal(recv_bytes(&f,
				    response(mem, sizeof mem,
					     "SIP/2.0/UDP 10.0.0.1:5060"
					     ";rport=1;branch=z9hG4bKone",
					     "REGISTER", 200),
				    1)
				 .kind,
			 IMS_TXN_ANSWER);
}

static void a_key_of_any_length_is_safe(void **state)
{
	static char mem[40000], via[30000];
	struct ims_flow f = flow(IMS_UDP);

	snprintf(via, sizeof via, "SIP/2.0/UDP h;branch=z9hG4bK");
	memset(via + strlen(via), 'x', 20000);
	assert_int_equal(recv_bytes(&f,
				    request(mem, sizeof mem, via, "REGISTER"),
				    0)
				 .kind,
			 IMS_TXN_FULL);
	assert_int_equal(
		recv_bytes(&f, response(mem, sizeof mem, via, "REGISTER", 200),
			   0)
			.kind,
		IMS_TXN_STRAY);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(branch_sent_by_and_method_make_a_request_the_same),
		T(the_same_bytes_over_another_set_are_another_request),
		T(without_the_cookie_the_keys_of_rfc_2543_count),
		T(a_response_matches_by_branch_and_method),
		T(a_key_of_any_length_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
