/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_register.c - REGISTER, header by header, in the order of conf.form.
 *
 * The order of the table is the seed's, and that of what a form does not name.
 *
 * Spec: TS 24.229 5.1.1.2, 5.1.1.4, 5.1.1.6; RFC 3329 2.3; spec.md 15, 18.
 */
#include "ue_priv.h"

#include <stdio.h>

#define VALUE_MAX 4096

typedef void piece(struct ims_ue *ue, struct ims_buf *b,
		   const struct ue_request *r);

static void put_max_forwards(struct ims_ue *ue, struct ims_buf *b,
			     const struct ue_request *r)
{
	(void)r;
	ims_ue_put(ue, b, IMS_SIP_MAX_FORWARDS, IMS_S("70"));
}

static void put_route(struct ims_ue *ue, struct ims_buf *b,
		      const struct ue_request *r)
{
	if (!ue->conf.form.no_route)
		ims_ue_put_route(ue, b, r->over, IMS_S(""));
}

static void put_call_id(struct ims_ue *ue, struct ims_buf *b,
			const struct ue_request *r)
{
	char mem[128], ip[IMS_ADDR_TEXT];
	struct ims_buf t;

	(void)r;
	ims_buf_init(&t, mem, sizeof mem);
	ims_buf_puts(&t, ims_ue_call(ue)->id);
	if (ue->conf.form.host_call_id)
		ims_buf_printf(&t, "@%s", ims_ip_text(ue->conf.local.ip, ip));
	ims_ue_put_buf(ue, b, IMS_SIP_CALL_ID, &t);
}

static void put_cseq(struct ims_ue *ue, struct ims_buf *b,
		     const struct ue_request *r)
{
	(void)r;
	ims_sip_putf(b, IMS_SIP_CSEQ, "%u REGISTER",
		     (unsigned)ims_ue_call(ue)->cseq);
}

static void put_from(struct ims_ue *ue, struct ims_buf *b,
		     const struct ue_request *r)
{
	char mem[IMS_ID_MAX + 64];
	struct ims_buf t;

	(void)r;
	ims_buf_init(&t, mem, sizeof mem);
	ims_buf_printf(&t, "<%s>;tag=%s", ims_ue_who(ue), ims_ue_call(ue)->tag);
	ims_ue_put_buf(ue, b, IMS_SIP_FROM, &t);
}

static void put_to(struct ims_ue *ue, struct ims_buf *b,
		   const struct ue_request *r)
{
	char mem[IMS_ID_MAX + 8];
	struct ims_buf t;

	(void)r;
	ims_buf_init(&t, mem, sizeof mem);
	ims_buf_printf(&t, "<%s>", ims_ue_who(ue));
	ims_ue_put_buf(ue, b, IMS_SIP_TO, &t);
}

static void put_supported(struct ims_ue *ue, struct ims_buf *b,
			  const struct ue_request *r)
{
	(void)r;
	ims_ue_put_supported(ue, b);
}

static void put_allow(struct ims_ue *ue, struct ims_buf *b,
		      const struct ue_request *r)
{
	(void)r;
	ims_ue_put_allow(ue, b);
}

/* [RFC 3261 10.2.2] */
static bool all_contacts(const struct ims_ue *ue)
{
	return ue->leaving && ue->leave_all;
}

static unsigned asked(const struct ims_ue *ue)
{
	return ue->leaving ? 0 : (unsigned)ue->ask_expires;
}

static void put_contact(struct ims_ue *ue, struct ims_buf *b,
			const struct ue_request *r)
{
	const struct ims_ue_conf *c = &ue->conf;
	char mem[VALUE_MAX];
	struct ims_buf t;

	if (all_contacts(ue)) {
		ims_ue_put(ue, b, IMS_SIP_CONTACT, IMS_S("*"));
		return;
	}
	ims_buf_init(&t, mem, sizeof mem);
	ims_buf_putc(&t, '<');
	ims_ue_put_contact_uri(ue, &t, r->over);
	ims_buf_putc(&t, '>');
	if (c->form.instance_first)
		ims_ue_put_instance(ue, &t);
	ims_buf_puts(&t, c->contact_params);
	if (!c->form.expires_header)
		ims_buf_printf(&t, ";expires=%u", asked(ue));
	if (!c->form.instance_first)
		ims_ue_put_instance(ue, &t);
	if (c->reg_id && !ue->no_outbound)
		ims_buf_printf(&t, ";reg-id=%u", (unsigned)c->reg_id);
	ims_ue_put_buf(ue, b, IMS_SIP_CONTACT, &t);
}

static void put_expires(struct ims_ue *ue, struct ims_buf *b,
			const struct ue_request *r)
{
	(void)r;
	if (ue->conf.form.expires_header || all_contacts(ue))
		ims_sip_putf(b, IMS_SIP_EXPIRES, "%u", asked(ue));
}

static void put_authorization(struct ims_ue *ue, struct ims_buf *b,
			      const struct ue_request *r)
{
	char mem[VALUE_MAX];
	struct ims_buf t;

	(void)r;
	ims_buf_init(&t, mem, sizeof mem);
	ims_ue_put_authorization(ue, &t);
	ims_ue_put_buf(ue, b, IMS_SIP_AUTHORIZATION, &t);
}

static void put_client(struct ims_ue *ue, struct ims_buf *b,
		       const struct ue_request *r)
{
	(void)r;
	if (ue->offering)
		ims_ue_put_client(ue, b);
}

static void put_verify(struct ims_ue *ue, struct ims_buf *b,
		       const struct ue_request *r)
{
	if (r->over)
		ims_ue_put_verify(ue, b, r->over);
}

static void put_require(struct ims_ue *ue, struct ims_buf *b,
			const struct ue_request *r)
{
	if (ue->offering || r->over)
		ims_ue_put(ue, b, IMS_SIP_REQUIRE, IMS_S("sec-agree"));
}

static void put_proxy_require(struct ims_ue *ue, struct ims_buf *b,
			      const struct ue_request *r)
{
	if (ue->offering || r->over)
		ims_ue_put(ue, b, IMS_SIP_PROXY_REQUIRE, IMS_S("sec-agree"));
}

static void put_access(struct ims_ue *ue, struct ims_buf *b,
		       const struct ue_request *r)
{
	if (r->over || ue->conf.form.access_clear)
		ims_ue_put_access(ue, b);
}

static void put_agent(struct ims_ue *ue, struct ims_buf *b,
		      const struct ue_request *r)
{
	(void)r;
	ims_ue_put_agent(ue, b, IMS_SIP_USER_AGENT);
}

static void put_length(struct ims_ue *ue, struct ims_buf *b,
		       const struct ue_request *r)
{
	(void)r;
	ims_ue_put(ue, b, IMS_SIP_CONTENT_LENGTH, IMS_S("0"));
}

static const struct {
	enum ims_sip_hdr_id id;
	piece *put;
} pieces[] = {
	{IMS_SIP_MAX_FORWARDS, put_max_forwards},
	{IMS_SIP_ROUTE, put_route},
	{IMS_SIP_VIA, ims_ue_put_via},
	{IMS_SIP_CALL_ID, put_call_id},
	{IMS_SIP_CSEQ, put_cseq},
	{IMS_SIP_FROM, put_from},
	{IMS_SIP_TO, put_to},
	{IMS_SIP_SUPPORTED, put_supported},
	{IMS_SIP_ALLOW, put_allow},
	{IMS_SIP_CONTACT, put_contact},
	{IMS_SIP_EXPIRES, put_expires},
	{IMS_SIP_AUTHORIZATION, put_authorization},
	{IMS_SIP_SECURITY_CLIENT, put_client},
	{IMS_SIP_SECURITY_VERIFY, put_verify},
	{IMS_SIP_REQUIRE, put_require},
	{IMS_SIP_PROXY_REQUIRE, put_proxy_require},
	{IMS_SIP_P_ACCESS_NETWORK_INFO, put_access},
	{IMS_SIP_USER_AGENT, put_agent},
	{IMS_SIP_CONTENT_LENGTH, put_length},
};
#define N_PIECES (sizeof pieces / sizeof *pieces)

bool ims_ue_writes(enum ims_sip_hdr_id id)
{
	for (size_t i = 0; i < N_PIECES; i++)
		if (pieces[i].id == id)
			return true;
	return false;
}

void ims_ue_write_register(struct ims_ue *ue, struct ims_buf *b,
			   const struct ue_request *r)
{
	struct ims_str order = ims_str(ue->conf.form.order), name;
	bool done[N_PIECES] = {false};
	char uri[UE_URI_TEXT];

	ims_sip_put_request(b, "REGISTER",
			    ims_str(ims_ue_register_uri(ue, uri)));
	while (ims_sip_comma_next(&order, &name)) {
		enum ims_sip_hdr_id id = ims_sip_hdr_find(name);

		for (size_t i = 0; i < N_PIECES; i++) {
			if (pieces[i].id != id || done[i])
				continue;
			pieces[i].put(ue, b, r);
			done[i] = true;
		}
	}
	for (size_t i = 0; i < N_PIECES; i++)
		if (!done[i])
			pieces[i].put(ue, b, r);
	ims_buf_puts(b, "\r\n");
}
