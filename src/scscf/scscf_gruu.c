/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_gruu.c - GRUUs: addresses of one device [RFC 5627, 24.229 5.4.7A].
 *
 * The public one is the same for the same device and identity, always: what
 * stands in gr= is a UUID of the instance, or is made of it with our secret,
 * because an IMEI is nobody's business and easily guessed from a bare hash.
 * The temporary ones are made anew for each REGISTER, and without the secret
 * nobody can tell that two of them, or one of them and the identity, belong
 * together.  Both can be made again at any time: none is stored.
 */
#include <string.h>

#include "base_hex.h"
#include "scscf_priv.h"
#include "sip_param.h"
#include "sip_uri.h"

#define UUID 16

/* user@host of a SIP URI; tel URIs have no GRUU. */
static bool split(struct ims_str impu, struct ims_sip_uri *out)
{
	return ims_sip_uri_parse(impu, out) == 0 && out->user.n &&
	       out->host.n &&
	       (out->scheme == IMS_SIP_URI_SIP ||
		out->scheme == IMS_SIP_URI_SIPS);
}

static void put_host(struct ims_buf *b, struct ims_str host)
{
	bool v6 = ims_str_find(host, ':') < host.n;

	ims_buf_puts(b, v6 ? "[" : "");
	ims_buf_put(b, host);
	ims_buf_puts(b, v6 ? "]" : "");
}

static struct ims_crypto_part part(struct ims_str s)
{
	return (struct ims_crypto_part){s.p, s.n};
}

/* "<urn:uuid:...>", with its quotes: the UUID part; else empty. */
static struct ims_str own_uuid(struct ims_str instance)
{
	static const struct ims_str head = IMS_S_INIT("<urn:uuid:");
	struct ims_str s = ims_sip_unquote(instance);

	if (!ims_str_casestarts(s, head) || !ims_str_ends(s, IMS_S(">")))
		return ims_str(NULL);
	s = ims_str_n(s.p + head.n, s.n - head.n - 1);
	for (size_t i = 0; i < s.n; i++) {
		char c = (char)(s.p[i] | 0x20);

		if (s.p[i] != '-' && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !(c >= 'a' && c <= 'f'))
			return ims_str(NULL);
	}
	return s.n == 36 ? s : ims_str(NULL);
}

/* In the form of a UUID made of a name [RFC 4122 4.3]. */
static int put_uuid(const struct ims_scscf *s, struct ims_str instance,
		    struct ims_buf *b)
{
	const struct ims_crypto_part p[] = {part(IMS_S("pub-gruu")),
					    part(instance)};
	uint8_t id[IMS_HASH_MAX];

	if (ims_crypto_hmac(IMS_SHA1, s->secret, sizeof(s->secret), p, 2, id))
		return -IMS_E_ALGO;
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x50);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < UUID; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			ims_buf_putc(b, '-');
		ims_hex_put(b, id + i, 1);
	}
	return 0;
}

int ims_scscf_gruu_pub(const struct ims_scscf *s,
		       const struct ims_reg_contact *c, struct ims_str impu,
		       struct ims_buf *b)
{
	struct ims_str uuid = own_uuid(c->instance);
	struct ims_sip_uri uri;

	if (c->first_cseq == 0 || !split(impu, &uri))
		return -IMS_E_NOTFOUND;
	ims_buf_puts(b, uri.scheme == IMS_SIP_URI_SIPS ? "sips:" : "sip:");
	ims_buf_put(b, uri.user);
	ims_buf_putc(b, '@');
	put_host(b, uri.host);
	ims_buf_puts(b, ";gr=urn:uuid:");
	if (!uuid.n)
		return put_uuid(s, c->instance, b);
	ims_buf_put(b, uuid);
	return 0;
}

int ims_scscf_gruu_temp(const struct ims_scscf *s,
			const struct ims_reg_contact *c, struct ims_str impu,
			struct ims_buf *b)
{
	uint32_t cseq = c->cseq;
	const struct ims_crypto_part p[] = {
		part(IMS_S("temp-gruu")), part(impu),        part(IMS_S("\n")),
		part(c->instance),        part(IMS_S("\n")), part(c->call_id),
		{&cseq, sizeof(cseq)}};
	uint8_t id[IMS_HASH_MAX];
	struct ims_sip_uri uri;

	if (c->first_cseq == 0 || !split(impu, &uri))
		return -IMS_E_NOTFOUND;
	if (ims_crypto_hmac(IMS_SHA256, s->secret, sizeof(s->secret), p, 7, id))
		return -IMS_E_ALGO;
	ims_buf_puts(b, uri.scheme == IMS_SIP_URI_SIPS ? "sips:" : "sip:");
	ims_buf_puts(b, "tgruu.");
	ims_hex_put(b, id, UUID);
	ims_buf_putc(b, '@');
	put_host(b, uri.host);
	ims_buf_puts(b, ";gr");
	return 0;
}
