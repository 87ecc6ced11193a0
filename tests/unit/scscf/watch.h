/* SPDX-License-Identifier: BSD-2-Clause */
/* watch.h - SUBSCRIBEs and answers to NOTIFY, for the tests of scscf. */
#ifndef IMS_TEST_WATCH_H
#define IMS_TEST_WATCH_H

#include "mw.h"

static struct ims_reginfo info;

/* The document of the i-th message. */
static inline const struct ims_reginfo *document(size_t i)
{
	struct ims_flaw flaw = {0};

	ims_reginfo_free(&info);
	memset(&info, 0, sizeof(info));
	assert_int_equal(sent(&world, i)->method, IMS_SIP_NOTIFY);
	if (ims_reginfo_parse(world.m.body, &info, &flaw))
		fail_msg("%s in\n%s", flaw.text, world.sent[i]);
	return &info;
}

static inline int end(void **state)
{
	ims_reginfo_free(&info);
	memset(&info, 0, sizeof(info));
	return teardown(state);
}

#define TW(t) cmocka_unit_test_setup_teardown(t, setup, end)

/* NULL members have these defaults. */
struct sub {
	unsigned cseq;
	const char *call_id; /* "sub-1" */
	const char *uri;     /* ALICE */
	const char *pai;     /* <ALICE> */
	const char *event;   /* reg */
	const char *expires; /* 600000; "" none */
	const char *contact; /* PHONE with ;ob */
	const char *route;   /* the P-CSCF's */
	const char *to_tag;
	const char *lines;
	bool no_pai;
};

static inline void do_subscribe(struct world *w, struct sub s)
{
	static char text[8192];
	static unsigned branch;
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof(text));
	ims_buf_printf(&b,
		       "SUBSCRIBE %s SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP 192.0.2.5:5070;branch=z9hG4bKs%u\r\n"
		       "Via: SIP/2.0/UDP [2001::1]:39003;branch=z9hG4bKu\r\n"
		       "Max-Forwards: 69\r\nFrom: <" ALICE ">;tag=st\r\n"
		       "To: <" ALICE ">%s%s\r\nCall-ID: %s\r\n"
		       "CSeq: %u SUBSCRIBE\r\nRecord-Route: %s\r\n",
		       or (s.uri, ALICE), ++branch, s.to_tag ? ";tag=" : "",
		       or (s.to_tag, ""), or (s.call_id, "sub-1"), s.cseq,
		       or (s.route, "<sip:tok@192.0.2.5:5070;lr>"));
	if (!s.no_pai)
		ims_buf_printf(&b, "P-Asserted-Identity: %s\r\n",
			       or (s.pai, "<" ALICE ">"));
	if (or (s.event, "reg")[0])
		ims_buf_printf(&b, "Event: %s\r\n", or (s.event, "reg"));
	if (or (s.expires, "600000")[0])
		ims_buf_printf(&b, "Expires: %s\r\n", or (s.expires, "600000"));
	ims_buf_printf(&b, "Contact: %s\r\n%sContent-Length: 0\r\n\r\n",
		       or (s.contact,
			   "<sip:001010123456789@[2001::1]:39003;ob>"),
		       or (s.lines, ""));
	come(w, ims_buf_cstr(&b));
}

/* The UE's answer to the i-th message that was sent. */
static inline void answer_notify(struct world *w, size_t i, unsigned status,
				 const char *lines)
{
	static char text[8192];
	const struct ims_sip_msg *m = sent(w, i);
	struct ims_buf b;

	assert_int_equal(m->method, IMS_SIP_NOTIFY);
	ims_buf_init(&b, text, sizeof(text));
	ims_sip_put_response(&b, m, status, ims_str(NULL), (struct ims_addr){0},
			     false);
	ims_buf_puts(&b, lines);
	ims_buf_puts(&b, "Content-Length: 0\r\n\r\n");
	come(w, ims_buf_cstr(&b));
}

/* To every NOTIFY among what was sent. */
static inline void answer_all(struct world *w, unsigned status)
{
	static char text[WORLD_SENT][8192];
	size_t n = 0;

	for (size_t i = 0; i < w->n_sent; i++) {
		const struct ims_sip_msg *m = sent(w, i);
		struct ims_buf b;

		if (!m->request)
			continue;
		ims_buf_init(&b, text[n], sizeof(text[n]));
		ims_sip_put_response(&b, m, status, ims_str(NULL),
				     (struct ims_addr){0}, false);
		ims_buf_puts(&b, "Content-Length: 0\r\n\r\n");
		assert_false(b.over);
		ims_buf_cstr(&b);
		n++;
	}
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++)
		come(w, text[i]);
}

static inline void watch_alice(void)
{
	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1});
	assert_status(&world, 200);
}

#endif
