/* SPDX-License-Identifier: BSD-2-Clause */
/* msg.h - messages for the tests of reg. */
#ifndef IMS_TEST_REG_MSG_H
#define IMS_TEST_REG_MSG_H

#include "test.h"

#include "sip_msg.h"

struct held {
	char text[16384];
	struct ims_sip_msg m;
};

/* A request with these lines (each with its CRLF) after the usual ones. */
static inline const struct ims_sip_msg *held_request(struct held *h,
						     const char *method,
						     unsigned cseq,
						     const char *lines)
{
	struct ims_sip_flaw why = {0};
	int n = snprintf(h->text, sizeof(h->text),
			 "%s sip:ims.invalid SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
			 "From: <sip:a@ims.invalid>;tag=ft\r\n"
			 "To: <sip:a@ims.invalid>\r\n"
			 "Call-ID: call-1\r\n"
			 "CSeq: %u %s\r\n"
			 "%s"
			 "Content-Length: 0\r\n\r\n",
			 method, cseq, method, lines);

	if (ims_sip_msg_parse(ims_str_n(h->text, (size_t)n), &h->m, &why))
		fail_msg("%s", why.flaw.text);
	return &h->m;
}

#endif
