/* SPDX-License-Identifier: BSD-2-Clause */
/* txn_test.h - messages and acts for the tests of transactions. */
#ifndef IMS_TXN_TEST_H
#define IMS_TXN_TEST_H

#include "sip_msg.h"
#include "txn.h"

#include "test.h"

static struct ims_acts acts;
static struct ims_txns txns;

static inline int setup(void **state)
{
	ims_acts_init(&acts);
	return ims_txns_init(&txns, &acts, 12345, NULL);
}

static inline int teardown(void **state)
{
	ims_txns_free(&txns);
	ims_acts_free(&acts);
	return 0;
}

static inline struct ims_addr at(const char *text)
{
	struct ims_addr a = {0};

	assert_int_equal(ims_addr_parse(ims_str(text), 0, &a), 0);
	return a;
}

static inline struct ims_flow flow(enum ims_transport transport)
{
	return (struct ims_flow){.local = at("10.0.0.1:5060"),
				 .remote = at("10.0.0.2:5060"),
				 .transport = transport,
				 .conn = transport == IMS_TCP ? 1 : 0};
}

static inline struct ims_str request(char *mem, size_t cap, const char *via,
				     const char *method)
{
	int n = snprintf(mem, cap,
			 "%s sip:b SIP/2.0\r\nVia: %s\r\n"
			 "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: c\r\n"
			 "CSeq: 1 %s\r\nMax-Forwards: 70\r\n"
			 "Content-Length: 0\r\n\r\n",
			 method, via, method);

	return ims_str_n(mem, (size_t)n);
}

static inline struct ims_str response(char *mem, size_t cap, const char *via,
				      const char *method, int status)
{
	int n = snprintf(mem, cap,
			 "SIP/2.0 %d X\r\nVia: %s\r\n"
			 "From: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\n"
			 "Call-ID: c\r\nCSeq: 1 %s\r\n"
			 "Content-Length: 0\r\n\r\n",
			 status, via, method);

	return ims_str_n(mem, (size_t)n);
}

#define VIA "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKone"

/* Sends a REGISTER as a client. */
static inline int send_request(const struct ims_flow *f, const char *via,
			       uint32_t ref, uint64_t now_ms)
{
	char mem[1000];

	return ims_txns_request(&txns, f,
				request(mem, sizeof mem, via, "REGISTER"), ref,
				now_ms);
}

static inline struct ims_txn_hit recv_bytes(const struct ims_flow *f,
					    struct ims_str bytes,
					    uint64_t now_ms)
{
	struct ims_sip_msg m;

	assert_int_equal(ims_sip_msg_parse(bytes, &m, NULL), 0);
	return ims_txns_recv(&txns, f, &m, now_ms);
}

static inline struct ims_txn_hit recv_status(const struct ims_flow *f,
					     int status, uint64_t now_ms)
{
	char mem[1000];

	return recv_bytes(f, response(mem, sizeof mem, VIA, "REGISTER", status),
			  now_ms);
}

static inline struct ims_txn_hit recv_request(const struct ims_flow *f,
					      const char *via,
					      const char *method,
					      uint64_t now_ms)
{
	char mem[1000];

	return recv_bytes(f, request(mem, sizeof mem, via, method), now_ms);
}

/* How many SENDs wait; the last one's act in *last. */
static inline int sends(struct ims_act *last)
{
	struct ims_act a;
	int n = 0;

	while (ims_acts_next(&acts, &a)) {
		assert_int_equal(a.kind, IMS_ACT_SEND);
		if (last)
			*last = a;
		n++;
	}
	return n;
}

/* The table as it is, against the reviewed copy. */
static inline void same_as_golden(const struct ims_fsm *m, const char *name)
{
	char mem[16384];
	struct ims_buf b;
	size_t n = 0;
	char *golden = test_read("IMS_TEST_DATA", name, &n);

	ims_buf_init(&b, mem, sizeof mem);
	ims_fsm_print(m, &b);
	assert_non_null(golden);
	assert_string_equal(ims_buf_cstr(&b), golden);
	free(golden);
}

#endif
