/* SPDX-License-Identifier: BSD-2-Clause */
/* use.c - what a stranger writes against the installed library. */
#include <aka.h>
#include <ims/sip_msg.h>
#include <ims/ue.h>
#include <stdio.h>

int main(void)
{
	static const char text[] = "OPTIONS sip:a@example.com SIP/2.0\r\n"
				   "Call-ID: 1\r\nContent-Length: 0\r\n\r\n";
	struct ims_ue_conf ue;
	struct ims_sip_msg m;

	ims_ue_conf_default(&ue);
	if (ims_ue_conf_imsi(&ue, ims_str("001010123456789"), 2) ||
	    ims_sip_msg_parse(ims_str(text), &m, NULL))
		return 1;
	puts(ue.impi);
	return 0;
}
