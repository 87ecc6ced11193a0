/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_test.h - a P-CSCF that watches registrations, and a core that tells. */
#ifndef IMS_WATCH_TEST_H
#define IMS_WATCH_TEST_H

#include "pcscf_test.h"

#define CONTACT "sip:001010123456789@[" UE_IP "]:39003"
#define SUBSCRIBED                                           \
	"Expires: 1200\r\nContact: <sip:127.0.0.1:6060>\r\n" \
	"Record-Route: <sip:127.0.0.1:6060;lr>\r\n"

static struct seen asked; /* our SUBSCRIBE */
static unsigned version, core_cseq;

static inline int setup_watch(void **state)
{
	setup(state);
	conf.subscribe_reg = true;
	restart();
	version = core_cseq = 0;
	return 0;
}

/* Registered, and the subscription granted. */
static inline struct ims_ipsec_set *go_watched(void)
{
	struct ims_ipsec_set *set = go_registered(IMS_UDP);

	asked = *last_mw();
	assert_int_equal(ims_sip_msg_parse(ims_str_n(asked.bytes, asked.n),
					   &asked.m, NULL),
			 0);
	assert_int_equal(asked.m.method, IMS_SIP_SUBSCRIBE);
	core_answers(&asked, 200, SUBSCRIBED);
	return set;
}

static inline void notify_us(const char *from_tag, const char *body,
			     const char *subscription)
{
	struct ims_flow f = from_core();
	struct ims_sip_addr c;
	char msg[6000];

	assert_int_equal(ims_sip_addr_get(&asked.m, IMS_SIP_CONTACT, &c), 0);
	snprintf(msg, sizeof msg,
		 "NOTIFY %.*s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 127.0.0.1:6060;branch=z9hG4bKw%u\r\n"
		 "Max-Forwards: 70\r\nFrom: <" IMPU ">;tag=%s\r\nTo: %.*s\r\n"
		 "Call-ID: %.*s\r\nCSeq: %u NOTIFY\r\nEvent: reg\r\n"
		 "Subscription-State: %s\r\n"
		 "Content-Type: application/reginfo+xml\r\n"
		 "Content-Length: %zu\r\n\r\n%s",
		 IMS_STR_ARG(c.uri.text), ++counter, from_tag,
		 IMS_STR_ARG(ims_sip_get(&asked.m, IMS_SIP_FROM)),
		 IMS_STR_ARG(asked.m.call_id), ++core_cseq, subscription,
		 strlen(body), body);
	feed(&f, msg);
}

static inline const char *reginfo(const char *extent, const char *reg,
				  const char *contact_uri, const char *contact,
				  const char *event)
{
	static char body[3000];

	snprintf(body, sizeof body,
		 "<?xml version=\"1.0\"?>\n"
		 "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
		 "version=\"%u\" state=\"%s\"><registration aor=\"" IMPU
		 "\" id=\"1\" state=\"%s\"><contact id=\"%s\" state=\"%s\" "
		 "event=\"%s\"><uri>%s</uri></contact></registration>"
		 "</reginfo>",
		 version++, extent, reg,
		 strcmp(contact_uri, CONTACT) == 0 ? "c1" : "c2", contact,
		 event, contact_uri);
	return body;
}

static inline void told_by_core(const char *extent, const char *reg,
				const char *contact, const char *event,
				const char *subscription)
{
	notify_us("core", reginfo(extent, reg, CONTACT, contact, event),
		  subscription);
}

#define TW(f) cmocka_unit_test_setup_teardown(f, setup_watch, teardown)

#endif
