/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_sec.c - lists of security mechanisms that are not right
 * [33.203 Annex H].
 */
#include "inject_act_priv.h"

#include "sip_sec.h"

#define LOW 100 /* SPIs below 256 are reserved [RFC 4303 2.1] */
#define AWAY 1000

static void spoil(struct ims_sip_sec *s, enum inject_sec what)
{
	switch (what) {
	case SEC_SPI_ZERO:
		s->spi_c = s->spi_s = 0;
		break;
	case SEC_SPI_LOW:
		s->spi_c = LOW;
		s->spi_s = LOW + 1;
		break;
	case SEC_SPI_SAME:
		s->spi_s = s->spi_c;
		break;
	case SEC_SPI_OTHER:
		s->spi_c++;
		break;
	case SEC_SPI_MISSING:
		s->has &= ~(unsigned)IMS_SEC_HAS_SPI_S;
		break;
	case SEC_ALG_OTHER:
		s->alg = IMS_S("hmac-sha-256-128");
		break;
	case SEC_PORTS_OTHER:
		s->port_c ^= AWAY;
		s->port_s ^= AWAY;
		break;
	case SEC_PORTS_5060:
		s->port_c = s->port_s = 5060;
		break;
	case SEC_PORT_C_OTHER:
		s->port_c ^= 1;
		break;
	case SEC_Q_TWICE:
	case SEC_Q_ORDER:
	case SEC_UNKNOWN_FIRST:
		break; /* not a matter of one mechanism alone */
	}
}

/* Another pair than this one, under the same numbers: who takes the first of
 * the list and not the best does not understand the other side.
 */
static void put_worse(struct ims_buf *b, struct ims_sip_sec s)
{
	bool null = !s.ealg.p || ims_str_caseeq(s.ealg, IMS_S("null"));

	s.alg = IMS_S("hmac-sha-1-96");
	s.ealg = null ? IMS_S("aes-cbc") : IMS_S("null");
	s.has |= IMS_SEC_HAS_Q;
	s.q = 100;
	ims_sip_sec_put(b, &s, (struct ims_sip_sec_style){0});
	ims_buf_puts(b, ", ");
}

static void put_one(struct ims_buf *b, struct ims_sip_sec s,
		    enum inject_sec what)
{
	spoil(&s, what);
	if (what == SEC_Q_ORDER) {
		put_worse(b, s);
		s.has |= IMS_SEC_HAS_Q;
		s.q = 900;
	}
	if (what == SEC_UNKNOWN_FIRST)
		ims_buf_puts(b, "tls;q=0.9, ipsec-ike;q=0.8, ");
	ims_sip_sec_put(b, &s, (struct ims_sip_sec_style){0});
	if (what == SEC_Q_TWICE)
		ims_buf_puts(b,
			     s.has & IMS_SEC_HAS_Q ? ";q=0.9" : ";q=0.1;q=0.9");
}

struct ims_str ims_inject_sec_text(const struct ims_sip_msg *m,
				   enum ims_sip_hdr_id id, enum inject_sec what,
				   struct ims_buf *b)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n;

	if (ims_sip_sec_get(m, id, list, IMS_SIP_SEC_MAX, &n, NULL))
		return (struct ims_str){0};
	for (size_t i = 0; i < n; i++) {
		if (i)
			ims_buf_puts(b, ", ");
		put_one(b, list[i], what);
	}
	return b->over ? (struct ims_str){0} : ims_buf_str(b);
}

bool ims_inject_server(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {0};
	struct ims_str text;
	struct ims_buf b;

	ims_buf_init(&b, j->forged, sizeof j->forged - 1);
	text = ims_inject_sec_text(h->msg, IMS_SIP_SECURITY_SERVER,
				   (enum inject_sec)h->row->how->n, &b);
	if (!text.n ||
	    !ims_str_copy(j->server, sizeof j->server,
			  ims_sip_get(h->msg, IMS_SIP_SECURITY_SERVER))) {
		j->forged[0] = '\0';
		return false;
	}
	j->forged[b.n] = '\0';
	ims_inject_set(&e, IMS_SIP_SECURITY_SERVER, text);
	return ims_inject_send(j, h, &e);
}

bool ims_inject_client(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {0};
	char mem[INJECT_TEXT * 2];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_inject_set(&e, IMS_SIP_SECURITY_CLIENT,
		       ims_inject_sec_text(h->msg, IMS_SIP_SECURITY_CLIENT,
					   (enum inject_sec)h->row->how->n,
					   &b));
	return e.change[0].value.n && ims_inject_send(j, h, &e);
}

bool ims_inject_verify(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {0};
	char mem[INJECT_TEXT * 2];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_inject_set(&e, IMS_SIP_SECURITY_VERIFY,
		       ims_inject_sec_text(h->msg, IMS_SIP_SECURITY_VERIFY,
					   (enum inject_sec)h->row->how->n,
					   &b));
	return e.change[0].value.n && ims_inject_send(j, h, &e);
}
