/* SPDX-License-Identifier: BSD-2-Clause */
/* test_run_full.c - what is said while nothing can be stored. */
#include "run_full.h"

#include "run_keep.h"
#include "run_keep_mem.h"
#include "sip_msg.h"
#include "test.h"

static uint64_t time_ms;
static unsigned problems, infos;

static uint64_t now(void *arg)
{
	(void)arg;
	return time_ms;
}

static void told(void *arg, enum ims_who who, const struct ims_act *tell)
{
	(void)arg;
	(void)who;
	problems += tell->err == -IMS_E_STORE;
	infos += tell->tell == IMS_TELL_INFO;
}

static void begin(struct ims_run_seat *s, struct ims_keep_store *k)
{
	const struct ims_run_env env = {
		.now_ms = now,
		.wall_ms = now,
		.watch = {.told = told},
		.keep = k,
	};

	time_ms = 1000;
	problems = infos = 0;
	*s = (struct ims_run_seat){0};
	assert_int_equal(ims_run_seat_init(s, IMS_WHO_PCSCF, &env), 0);
}

static void a_store_that_fails_is_news_once_and_so_is_its_cure(void **state)
{
	struct ims_keep_store *k = ims_run_keep_mem_new();
	struct ims_run_seat s;
	struct ims_ev ev;

	begin(&s, k);
	assert_false(ims_run_full_news(&s, &ev));
	ims_run_keep_mem_full(k, true);
	ims_run_keep_put(&s, IMS_KEEP_PCSCF, IMS_S("a"), IMS_S("b"));
	assert_false(ims_run_keep_safe(&s));
	assert_true(ims_run_full_news(&s, &ev));
	assert_int_equal(ev.kind, IMS_EV_STORE);
	assert_int_equal(ev.err, -IMS_E_STORE);
	assert_false(ims_run_full_news(&s, &ev));
	assert_int_equal(problems, 1);
	ims_run_keep_mem_full(k, false);
	assert_false(ims_run_full_news(&s, &ev)); /* it was tried just now */
	time_ms += 1000;
	assert_true(ims_run_full_news(&s, &ev));
	assert_int_equal(ev.err, 0);
	assert_int_equal(infos, 1);
	assert_int_equal(ims_run_keep_mem_size(k, IMS_KEEP_PCSCF), 1);
	ims_run_seat_free(&s);
	k->ops->free(k);
}

static void without_a_store_there_is_no_news(void **state)
{
	struct ims_run_seat s;
	struct ims_ev ev;

	begin(&s, NULL);
	assert_false(ims_run_full_news(&s, &ev));
	ims_run_seat_free(&s);
}

static void only_what_is_no_success_is_harmless(void **state)
{
	assert_true(ims_run_full_harmless(IMS_S("SIP/2.0 401 U\r\n")));
	assert_true(ims_run_full_harmless(IMS_S("SIP/2.0 100 T\r\n")));
	assert_true(ims_run_full_harmless(IMS_S("SIP/2.0 503 S\r\n")));
	assert_false(ims_run_full_harmless(IMS_S("SIP/2.0 200 OK\r\n")));
	assert_false(ims_run_full_harmless(IMS_S("SIP/2.0 202 OK\r\n")));
	assert_false(ims_run_full_harmless(IMS_S("NOTIFY sip:a SIP/2.0\r\n")));
	assert_false(ims_run_full_harmless(IMS_S("SIP/2.0 ")));
	assert_false(ims_run_full_harmless(IMS_S("")));
}

#define ANSWER(status, method)                                         \
	"SIP/2.0 " status "\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n" \
	"Via: SIP/2.0/UDP b;branch=z9hG4bK2\r\n"                       \
	"From: <sip:x@y>;tag=1\r\nTo: <sip:x@y>;tag=2\r\n"             \
	"Call-ID: c\r\nCSeq: 7 " method "\r\n"                         \
	"Contact: <sip:x@a>;expires=60\r\n"                            \
	"Service-Route: <sip:s;lr>\r\nContent-Length: 0\r\n\r\n"

static void a_503_takes_the_place_of_a_promise(void **state)
{
	char mem[2048];
	struct ims_sip_msg m;
	struct ims_buf b;
	uint32_t s;

	ims_buf_init(&b, mem, sizeof mem);
	assert_true(
		ims_run_full_refusal(IMS_S(ANSWER("200 OK", "REGISTER")), &b));
	assert_int_equal(ims_sip_msg_parse(ims_buf_str(&b), &m, NULL), 0);
	assert_int_equal(m.status, 503);
	assert_int_equal(m.cseq, 7);
	assert_true(ims_str_eq(m.call_id, IMS_S("c")));
	assert_non_null(
		strstr(mem, "\r\nVia: SIP/2.0/UDP b;branch=z9hG4bK2\r"));
	assert_int_equal(ims_sip_number(&m, IMS_SIP_RETRY_AFTER, &s), 0);
	assert_false(ims_sip_has(&m, IMS_SIP_CONTACT));
	assert_false(ims_sip_has(&m, IMS_SIP_SERVICE_ROUTE));
	ims_buf_init(&b, mem, sizeof mem);
	assert_true(
		ims_run_full_refusal(IMS_S(ANSWER("200 OK", "SUBSCRIBE")), &b));
}

static void nothing_else_is_replaced(void **state)
{
	static const char *const others[] = {
		ANSWER("200 OK", "NOTIFY"),
		ANSWER("401 Unauthorized", "REGISTER"),
		ANSWER("200 OK", "MESSAGE"),
		"NOTIFY sip:a SIP/2.0\r\n\r\n",
		"SIP/2.0 200 OK\r\n\r\n",
		"\r\n",
	};
	char mem[2048], small[100];
	struct ims_buf b;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		ims_buf_init(&b, mem, sizeof mem);
		assert_false(ims_run_full_refusal(ims_str(others[i]), &b));
	}
	ims_buf_init(&b, small, sizeof small);
	assert_false(
		ims_run_full_refusal(IMS_S(ANSWER("200 OK", "REGISTER")), &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_store_that_fails_is_news_once_and_so_is_its_cure),
		cmocka_unit_test(without_a_store_there_is_no_news),
		cmocka_unit_test(only_what_is_no_success_is_harmless),
		cmocka_unit_test(a_503_takes_the_place_of_a_promise),
		cmocka_unit_test(nothing_else_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
