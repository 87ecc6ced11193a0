/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_mech.c - mechanisms of ours, and what the peer's say. */
#include "secagree_priv.h"

#include "base_trace.h"

struct ims_sip_sec ims_secagree_mech(struct ims_ipsec_suite suite)
{
	return (struct ims_sip_sec){
		.name = IMS_S("ipsec-3gpp"),
		.alg = ims_str(ims_ipsec_alg(suite.alg)->token),
		.ealg = ims_str(ims_ipsec_ealg(suite.ealg)->token),
		.prot = IMS_S("esp"),
		.mod = IMS_S("trans"),
	};
}

struct ims_sip_sec ims_secagree_mech_end(struct ims_ipsec_suite suite,
					 const struct ims_secagree_end *me)
{
	struct ims_sip_sec s = ims_secagree_mech(suite);

	s.has = IMS_SEC_HAS_SPI_C | IMS_SEC_HAS_SPI_S | IMS_SEC_HAS_PORT_C |
		IMS_SEC_HAS_PORT_S;
	s.spi_c = me->spi_c;
	s.spi_s = me->spi_s;
	s.port_c = me->port_c;
	s.port_s = me->port_s;
	return s;
}

void ims_secagree_take_end(const struct ims_sip_sec *s,
			   struct ims_secagree_end *out)
{
	out->spi_c = s->spi_c;
	out->spi_s = s->spi_s;
	out->port_c = s->port_c;
	out->port_s = s->port_s;
}

/* "hmac-sha-1-96/null", and what else keeps it from use. */
static void put_pair(struct ims_buf *b, const struct ims_sip_sec *s)
{
	if (!ims_str_caseeq(s->name, IMS_S("ipsec-3gpp"))) {
		ims_buf_put(b, s->name);
		return;
	}
	ims_buf_put(b, s->alg.p ? s->alg : IMS_S("ipsec-3gpp without alg"));
	ims_buf_puts(b, "/");
	ims_buf_put(b, s->ealg.p ? s->ealg : IMS_S("null"));
	if (s->prot.p && !ims_str_caseeq(s->prot, IMS_S("esp"))) {
		ims_buf_puts(b, " prot=");
		ims_buf_put(b, s->prot);
	}
	if (s->mod.p && !ims_str_caseeq(s->mod, IMS_S("trans"))) {
		ims_buf_puts(b, " mod=");
		ims_buf_put(b, s->mod);
	}
}

int ims_secagree_none(const struct ims_sip_sec *list, size_t n,
		      struct ims_flaw *flaw)
{
	char mem[IMS_FLAW_TEXT - 30], text[IMS_FLAW_TEXT - 30];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	for (size_t i = 0; i < n; i++) {
		ims_buf_puts(&b, i ? ", " : "");
		put_pair(&b, &list[i]);
	}
	return ims_flaw(flaw, -IMS_E_NO_MECH, "the list has: %s",
			n ? ims_printable(ims_buf_str(&b), text, sizeof text)
			  : "nothing");
}
