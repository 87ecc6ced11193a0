/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_stun.c - the keep-alive over UDP: STUN binding requests [RFC 5389]. */
#include "ue_priv.h"

#include <string.h>

#define HEADER UE_STUN_LEN
#define ATTR 4
#define MAPPED 0x0001 /* of a server of RFC 3489 */
#define XOR_MAPPED 0x0020

/* Magic cookie; with the id after it, it hides XOR-MAPPED-ADDRESS. */
static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};

/* Without attributes [RFC 5389 6, 7.1]. */
void ims_ue_stun_put(const uint8_t id[static 12],
		     uint8_t out[static UE_STUN_LEN])
{
	memset(out, 0, HEADER);
	out[1] = 0x01;
	memcpy(out + 4, cookie, sizeof cookie);
	memcpy(out + 8, id, 12);
}

static size_t get16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

bool ims_ue_stun_is_answer(const uint8_t id[static 12], struct ims_str bytes)
{
	const uint8_t *p = (const uint8_t *)bytes.p;

	return bytes.n >= HEADER && p[0] == 0x01 &&
	       (p[1] == 0x01 || p[1] == 0x11) &&
	       get16(p + 2) == bytes.n - HEADER &&
	       memcmp(p + 4, cookie, sizeof cookie) == 0 &&
	       memcmp(p + 8, id, 12) == 0;
}

/* v[n]: the value; mask: 16 bytes, cookie and id, or NULL [RFC 5389 15.1,
 * 15.2].
 */
static bool get_address(const uint8_t *v, size_t n, const uint8_t *mask,
			struct ims_addr *out)
{
	size_t len = n >= ATTR && v[1] == 2 ? 16 : 4;
	struct ims_addr a = {0};

	if (n != ATTR + len || (v[1] != 1 && v[1] != 2))
		return false;
	a.ip.family = v[1] == 2 ? 6 : 4;
	a.port = (uint16_t)(get16(v + 2) ^ (mask ? get16(mask) : 0));
	for (size_t i = 0; i < len; i++)
		a.ip.b[i] = (uint8_t)(v[ATTR + i] ^ (mask ? mask[i] : 0));
	*out = a;
	return a.port != 0;
}

bool ims_ue_stun_mapped(struct ims_str bytes, struct ims_addr *out)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	bool found = false;

	for (size_t at = HEADER; at + ATTR <= bytes.n;) {
		size_t kind = get16(p + at), n = get16(p + at + 2);
		const uint8_t *v = p + at + ATTR;

		if (n > bytes.n - at - ATTR)
			return found;
		if (kind == XOR_MAPPED && get_address(v, n, p + 4, out))
			return true;
		if (kind == MAPPED && !found)
			found = get_address(v, n, NULL, out);
		at += ATTR + ((n + 3) & ~(size_t)3);
	}
	return found;
}
