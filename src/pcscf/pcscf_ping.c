/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_ping.c - keep-alives of a UE over UDP: STUN binding requests on the port
 * that SIP goes to.  (Those over TCP are line ends, and the host's business.)
 *
 * Answered only to UEs that we know: the answer is longer than the request
 * [T31].
 *
 * Spec: RFC 5626 4.4.2, 5.4, 8; RFC 5389 6, 7.3.1, 15.2; RFC 6223 4.
 */
#include <string.h>

#include "pcscf_priv.h"

#define HEAD 20
#define COOKIE 0x2112a442u
#define ATTR 4 /* type and length of XOR-MAPPED-ADDRESS */
#define REQUEST 0x0001
#define ANSWER 0x0101
#define XOR_MAPPED_ADDRESS 0x0020

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static bool is_stun(struct ims_str bytes)
{
	const uint8_t *b = (const uint8_t *)bytes.p;

	return bytes.n >= HEAD && b[0] < 0x40 && get32(b + 4) == COOKIE &&
	       (size_t)(b[2] << 8 | b[3]) == bytes.n - HEAD;
}

/* The address as it came, XORed with the cookie and the transaction. */
static size_t put_address(uint8_t *out, const uint8_t *head,
			  struct ims_addr from)
{
	size_t n = ims_ip_len(from.ip);

	put16(out, XOR_MAPPED_ADDRESS);
	put16(out + 2, (unsigned)(ATTR + n));
	out[4] = 0;
	out[5] = from.ip.family == 6 ? 2 : 1;
	put16(out + 6, from.port ^ (COOKIE >> 16));
	for (size_t i = 0; i < n; i++)
		out[8 + i] = from.ip.b[i] ^ head[4 + i];
	return 8 + n;
}

bool ims_pcscf_ping(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		    struct ims_str bytes)
{
	const uint8_t *b = (const uint8_t *)bytes.p;
	uint8_t out[HEAD + 8 + 16];
	struct ims_flow back = *in->flow; /* the same ports, turned */
	size_t n;

	if (in->flow->side != IMS_GM || in->flow->transport != IMS_UDP ||
	    !is_stun(bytes))
		return false;
	if ((b[0] << 8 | b[1]) != REQUEST || !in->ue || !in->ue->registered)
		return true;
	memcpy(out, b, HEAD);
	put16(out, ANSWER);
	n = put_address(out + HEAD, b, in->flow->remote);
	put16(out + 2, (unsigned)n);
	ims_acts_send(&p->acts, &back, ims_str_n(out, HEAD + n), 0);
	return true;
}
