/* SPDX-License-Identifier: BSD-2-Clause */
/* use.c - what a stranger writes against the installed library. */
#include <aka.h>
#include <ims/sip_msg.h>
#include <ims/ue.h>
#include <stdio.h>

int main(void)
{
	static const char text[] =
		"OPTIONS sip:a@example.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
		"From: <sip:b@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\n"
		"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
		"Content-Length: 0\r\n\r\n";
	struct ims_ue_conf ue = {0};
	struct ims_sip_msg m;

	ims_ue_conf_default(&ue);
	if (ims_ue_conf_imsi(&ue, ims_str("001010123456789"), 2) ||
	    ims_sip_msg_parse(ims_str(text), &m, NULL))
		return 1;
	puts(ue.impi);
	return 0;
}
