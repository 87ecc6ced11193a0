/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_sip_msg.c - a datagram: parsed, every typed header read, written again.
 * What was accepted is accepted again after a trip through the writer, with
 * the same mandatory headers; what was refused can still be answered.
 */
#include <stdlib.h>

#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_build.h"
#include "sip_event.h"
#include "sip_sec.h"
#include "sip_via.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* A slice lies within the message. */
static void inside(const struct ims_sip_msg *m, struct ims_str s)
{
	check(s.n == 0 ||
	      (s.p >= m->raw.p && s.p + s.n <= m->raw.p + m->raw.n));
}

static void read_list(const struct ims_sip_msg *m, enum ims_sip_hdr_id id)
{
	struct ims_sip_walk w = ims_sip_walk(m, id);
	struct ims_str value;
	struct ims_sip_addr a;
	struct ims_sip_via v;
	struct ims_sip_param p;
	struct ims_addr addr;
	enum ims_transport t;

	while (ims_sip_walk_next(&w, &value)) {
		inside(m, value);
		if (ims_sip_via_parse(value, &v) == 0)
			inside(m, v.branch);
		if (ims_sip_addr_parse(value, &a) || a.star)
			continue;
		inside(m, a.uri.text);
		ims_sip_uri_addr(&a.uri, 5060, &addr);
		ims_sip_uri_transport(&a.uri, &t);
		while (ims_sip_param_next(&a.params, &p))
			inside(m, p.value);
	}
}

static void read_all(const struct ims_sip_msg *m)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_sip_auth auth;
	struct ims_sip_event event;
	struct ims_sip_sub_state sub;
	uint32_t number;
	size_t n;

	for (int i = 1; i < IMS_SIP_N_HDR_IDS; i++) {
		enum ims_sip_hdr_id id = (enum ims_sip_hdr_id)i;

		read_list(m, id);
		ims_sip_number(m, id, &number);
		ims_sip_auth_get(m, id, &auth);
		ims_sip_sec_get(m, id, list, IMS_SIP_SEC_MAX, &n, NULL);
		ims_sip_event_parse(ims_sip_get(m, id), &event);
		ims_sip_sub_state_parse(ims_sip_get(m, id), &sub);
		inside(m, ims_sip_tag(m, id));
	}
}

static char text[300000];
static struct ims_sip_msg back;

static void write_again(const struct ims_sip_msg *m)
{
	struct ims_buf b;
	char method[256];

	ims_buf_init(&b, text, sizeof text);
	if (!m->request)
		ims_sip_put_status(&b, m->status, m->reason);
	else if (ims_str_copy(method, sizeof method, m->method_text))
		ims_sip_put_request(&b, method, m->uri);
	else
		return;
	for (size_t i = 0; i < m->n_hdrs; i++)
		if (m->hdr[i].id != IMS_SIP_CONTENT_LENGTH)
			ims_sip_put_named(&b, m->hdr[i].name, m->hdr[i].value);
	ims_sip_put_body(&b, IMS_S(""), m->body);
	if (b.over || b.n > IMS_SIP_MAX_LEN || m->n_hdrs == IMS_SIP_MAX_HDRS)
		return;
	check(ims_sip_msg_parse(ims_buf_str(&b), &back, NULL) == 0);
	check(ims_str_eq(back.call_id, m->call_id));
	check(back.cseq == m->cseq && back.method == m->method);
	check(ims_str_eq(back.body, m->body));
	check(ims_str_eq(ims_sip_tag(&back, IMS_SIP_FROM),
			 ims_sip_tag(m, IMS_SIP_FROM)));
}

static void respond(const struct ims_sip_msg *m, unsigned status)
{
	struct ims_addr source = {.ip = {4, {192, 0, 2, 1}}, .port = 5060};
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	ims_sip_put_response(&b, m, status, IMS_S("tag"), source,
			     m->n_hdrs % 2 == 0);
	ims_sip_put_body(&b, IMS_S(""), IMS_S(""));
	if (b.over || b.n > IMS_SIP_MAX_LEN)
		return;
	ims_sip_msg_parse(ims_buf_str(&b), &back, NULL);
	check(back.status == status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ims_sip_msg m;
	struct ims_sip_flaw why = {0};
	int err = ims_sip_msg_parse(ims_str_n(data, size), &m, &why);

	for (size_t i = 0; i < m.n_hdrs; i++) {
		inside(&m, m.hdr[i].name);
		inside(&m, m.hdr[i].value);
	}
	if (err == 0) {
		inside(&m, m.body);
		read_all(&m);
		write_again(&m);
		if (m.request)
			respond(&m, 200);
	} else if (why.status) {
		respond(&m, why.status);
	}
	return 0;
}
