/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_info.c - reads reginfo XML with expat, the one door to it [RFC 3680 5].
 *
 * A NOTIFY body is hostile: a DTD is refused as soon as it starts (so there
 * are no entities to blow up or to fetch), the encoding is held to UTF-8, and
 * depth and size are limited.  Everything decoded is shorter than its source,
 * so one piece of memory of the source's size takes all texts.
 */
#include "reg_info.h"

#include "base_trace.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define NS "urn:ietf:params:xml:ns:reginfo"
#define NS_GRUU "urn:ietf:params:xml:ns:gruuinfo"
#define NS_END '\n' /* between namespace and name: in no URI */

enum where { OUTSIDE, IN_REGINFO, IN_REG, IN_CONTACT, IN_URI, IN_PARAM };

/* What the document owns: flat arrays, in document order. */
struct memory {
	struct ims_reginfo_reg *reg;
	struct ims_reginfo_contact *contact;
	struct ims_reginfo_param *param;
	size_t n_regs, n_contacts, n_params;
	size_t cap_regs, cap_contacts, cap_params;
	size_t n_text, cap_text;
	char text[];
};

struct reader {
	XML_Parser xml;
	struct memory *m;
	struct ims_flaw flaw; /* flaw.err: 0 so far */
	uint32_t version;
	bool full, has_uri;
	enum where where;
	unsigned depth, skip; /* skip: depth at which what is foreign began */
	size_t text_from;     /* of the uri or unknown-param that is open */
};

/* The first flaw stays; expat stops soon after. */
#define fail(r, code, ...)                                          \
	do {                                                        \
		if (!(r)->flaw.err)                                 \
			ims_flaw(&(r)->flaw, -(code), __VA_ARGS__); \
		XML_StopParser((r)->xml, XML_FALSE);                \
	} while (0)

/* Twice the room; false: no memory. */
static bool more(char **v, size_t *cap, size_t size)
{
	size_t want = *cap ? 2 * *cap : 4;
	char *p = realloc(*v, want * size);

	if (!p)
		return false;
	*v = p;
	*cap = want;
	return true;
}

/* Room for one more in a flat array; NULL: no memory. */
static void *grow(struct reader *r, void *array, size_t *n, size_t *cap,
		  size_t size)
{
	char **v = array;
	void *p;

	if (*n == *cap && !more(v, cap, size)) {
		fail(r, IMS_E_NOMEM, "reginfo");
		return NULL;
	}
	p = *v + *n * size;
	memset(p, 0, size);
	++*n;
	return p;
}

static void add_text(struct reader *r, const char *p, size_t n)
{
	struct memory *m = r->m;

	assert(n <= m->cap_text - m->n_text);
	memcpy(m->text + m->n_text, p, n);
	m->n_text += n;
}

static struct ims_str keep(struct reader *r, const char *c_string)
{
	size_t from = r->m->n_text;

	add_text(r, c_string, strlen(c_string));
	return ims_str_n(r->m->text + from, r->m->n_text - from);
}

static const char *attr(const char **attrs, const char *name)
{
	for (; attrs[0]; attrs += 2)
		if (strcmp(attrs[0], name) == 0)
			return attrs[1];
	return NULL;
}

static const char *need(struct reader *r, const char **attrs,
			const char *element, const char *name)
{
	const char *v = attr(attrs, name);

	if (!v)
		fail(r, IMS_E_SYNTAX, "%s has no %s", element, name);
	return v ? v : "";
}

static uint32_t number(struct reader *r, const char *name, const char *text)
{
	uint32_t v = 0;
	char safe[40];

	if (ims_str_u32(ims_str_trim(ims_str(text)), UINT32_MAX, &v))
		fail(r, IMS_E_SYNTAX, "%s=\"%s\" is no number below 2^32", name,
		     ims_printable(ims_str(text), safe, sizeof safe));
	return v;
}

static uint32_t optional(struct reader *r, const char **attrs, const char *name,
			 bool *has)
{
	const char *v = attr(attrs, name);

	*has = v != NULL;
	return v ? number(r, name, v) : 0;
}

static enum ims_reginfo_state state_of(struct reader *r, const char *text)
{
	char safe[40];

	for (int s = IMS_REGINFO_INIT; s <= IMS_REGINFO_TERMINATED; s++)
		if (strcmp(text, ims_reginfo_state_name(s)) == 0)
			return s;
	fail(r, IMS_E_SYNTAX, "state=\"%s\" is not known",
	     ims_printable(ims_str(text), safe, sizeof safe));
	return IMS_REGINFO_INIT;
}

static enum ims_reginfo_event event_of(struct reader *r, const char *text)
{
	char safe[40];

	for (int e = 0; e < IMS_REGINFO_N_EVENTS; e++)
		if (strcmp(text, ims_reginfo_event_name(e)) == 0)
			return e;
	fail(r, IMS_E_SYNTAX, "event=\"%s\" is not known",
	     ims_printable(ims_str(text), safe, sizeof safe));
	return IMS_REGINFO_REGISTERED;
}

static void open_reginfo(struct reader *r, const char **attrs)
{
	const char *state = need(r, attrs, "reginfo", "state");

	r->version = number(r, "version", need(r, attrs, "reginfo", "version"));
	r->full = strcmp(state, "full") == 0;
	if (!r->full && strcmp(state, "partial") != 0)
		fail(r, IMS_E_SYNTAX,
		     "reginfo state is neither full nor "
		     "partial");
	r->where = IN_REGINFO;
}

static void open_reg(struct reader *r, const char **attrs)
{
	struct memory *m = r->m;
	struct ims_reginfo_reg *reg =
		grow(r, &m->reg, &m->n_regs, &m->cap_regs, sizeof *reg);

	if (!reg)
		return;
	reg->aor = keep(r, need(r, attrs, "registration", "aor"));
	reg->id = keep(r, need(r, attrs, "registration", "id"));
	reg->state = state_of(r, need(r, attrs, "registration", "state"));
	r->where = IN_REG;
}

static void open_contact(struct reader *r, const char **attrs)
{
	struct memory *m = r->m;
	struct ims_reginfo_contact *c = grow(r, &m->contact, &m->n_contacts,
					     &m->cap_contacts, sizeof *c);

	if (!c)
		return;
	c->id = keep(r, need(r, attrs, "contact", "id"));
	c->state = state_of(r, need(r, attrs, "contact", "state"));
	if (c->state == IMS_REGINFO_INIT)
		fail(r, IMS_E_SYNTAX, "a contact cannot be in state init");
	c->event = event_of(r, need(r, attrs, "contact", "event"));
	c->expires = optional(r, attrs, "expires", &c->has_expires);
	c->retry_after = optional(r, attrs, "retry-after", &c->has_retry_after);
	c->cseq = optional(r, attrs, "cseq", &c->has_cseq);
	if (attr(attrs, "callid"))
		c->callid = keep(r, attr(attrs, "callid"));
	m->reg[m->n_regs - 1].n_contacts++;
	r->has_uri = false;
	r->where = IN_CONTACT;
}

static void open_uri(struct reader *r)
{
	if (r->has_uri)
		fail(r, IMS_E_SYNTAX, "a contact with two uris");
	r->has_uri = true;
	r->text_from = r->m->n_text;
	r->where = IN_URI;
}

static void open_param(struct reader *r, const char **attrs)
{
	struct memory *m = r->m;
	struct ims_reginfo_param *p =
		grow(r, &m->param, &m->n_params, &m->cap_params, sizeof *p);

	if (!p)
		return;
	p->name = keep(r, need(r, attrs, "unknown-param", "name"));
	m->contact[m->n_contacts - 1].n_params++;
	r->text_from = m->n_text;
	r->where = IN_PARAM;
}

/* Returns false for an element that is not ours or not here: skipped. */
static bool open_known(struct reader *r, const char *name, const char **attrs)
{
	if (r->where == IN_REGINFO && strcmp(name, "registration") == 0)
		open_reg(r, attrs);
	else if (r->where == IN_REG && strcmp(name, "contact") == 0)
		open_contact(r, attrs);
	else if (r->where == IN_CONTACT && strcmp(name, "uri") == 0)
		open_uri(r);
	else if (r->where == IN_CONTACT && strcmp(name, "unknown-param") == 0)
		open_param(r, attrs);
	else
		return false;
	return true;
}

/* At most one of each is allowed; the first one counts [RFC 5628 5]. */
static void open_gruu(struct reader *r, const char *name, const char **attrs)
{
	struct ims_reginfo_contact *c = &r->m->contact[r->m->n_contacts - 1];
	bool has;

	if (strcmp(name, "pub-gruu") == 0 && !c->pub_gruu.n) {
		c->pub_gruu = keep(r, need(r, attrs, name, "uri"));
	} else if (strcmp(name, "temp-gruu") == 0 && !c->temp_gruu.n) {
		c->temp_gruu = keep(r, need(r, attrs, name, "uri"));
		c->first_cseq = optional(r, attrs, "first-cseq", &has);
		if (!has)
			fail(r, IMS_E_SYNTAX, "temp-gruu without first-cseq");
	}
}

/* Without this namespace; "": it is in another. */
static const char *name_in(const char *ns, const char *name)
{
	size_t n = strlen(ns);

	if (strncmp(name, ns, n) == 0 && name[n] == NS_END)
		return name + n + 1;
	return "";
}

static void XMLCALL on_open(void *arg, const char *name, const char **attrs)
{
	struct reader *r = arg;

	if (r->flaw.err)
		return;
	if (++r->depth > IMS_REGINFO_DEPTH) {
		fail(r, IMS_E_TOOBIG, "elements more than %d deep",
		     IMS_REGINFO_DEPTH);
		return;
	}
	if (r->skip)
		return;
	if (r->where == IN_CONTACT)
		open_gruu(r, name_in(NS_GRUU, name), attrs);
	name = name_in(NS, name);
	if (r->where != OUTSIDE) {
		if (!open_known(r, name, attrs))
			r->skip = r->depth;
	} else if (strcmp(name, "reginfo") == 0) {
		open_reginfo(r, attrs);
	} else {
		fail(r, IMS_E_SYNTAX, "the document is no reginfo");
	}
}

static struct ims_str text_since(const struct reader *r)
{
	return ims_str_n(r->m->text + r->text_from,
			 r->m->n_text - r->text_from);
}

static void XMLCALL on_close(void *arg, const char *name)
{
	struct reader *r = arg;
	struct memory *m = r->m;
	unsigned depth;

	(void)name;
	if (r->flaw.err)
		return;
	depth = r->depth--;
	if (r->skip) {
		if (r->skip == depth)
			r->skip = 0;
		return;
	}
	if (r->where == IN_URI)
		m->contact[m->n_contacts - 1].uri = ims_str_trim(text_since(r));
	else if (r->where == IN_PARAM)
		m->param[m->n_params - 1].value = ims_str_trim(text_since(r));
	else if (r->where == IN_CONTACT && !r->has_uri)
		fail(r, IMS_E_SYNTAX, "a contact without uri");
	r->where = r->where >= IN_URI ? IN_CONTACT : r->where - 1;
}

static void XMLCALL on_text(void *arg, const char *p, int n)
{
	struct reader *r = arg;

	if (!r->flaw.err && !r->skip && r->where >= IN_URI)
		add_text(r, p, (size_t)n);
}

static void XMLCALL on_doctype(void *arg, const char *name, const char *sysid,
			       const char *pubid, int has_internal)
{
	struct reader *r = arg;

	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal;
	fail(r, IMS_E_SYNTAX, "a document type declaration is not allowed");
}

static void free_memory(struct memory *m)
{
	if (!m)
		return;
	free(m->reg);
	free(m->contact);
	free(m->param);
	free(m);
}

/* The flat arrays have stopped moving: each owner gets its part of them. */
static void share_out(struct memory *m)
{
	struct ims_reginfo_contact *c = m->contact;
	struct ims_reginfo_param *p = m->param;

	for (size_t i = 0; i < m->n_contacts; i++) {
		m->contact[i].param = p;
		if (m->contact[i].n_params)
			p += m->contact[i].n_params;
	}
	for (size_t i = 0; i < m->n_regs; i++) {
		m->reg[i].contact = c;
		if (m->reg[i].n_contacts)
			c += m->reg[i].n_contacts;
	}
}

static void run(struct reader *r, struct ims_str xml)
{
	XML_SetUserData(r->xml, r);
	XML_SetElementHandler(r->xml, on_open, on_close);
	XML_SetCharacterDataHandler(r->xml, on_text);
	XML_SetStartDoctypeDeclHandler(r->xml, on_doctype);
	if (XML_Parse(r->xml, xml.p, (int)xml.n, 1) == XML_STATUS_OK ||
	    r->flaw.err)
		return;
	ims_flaw(&r->flaw,
		 XML_GetErrorCode(r->xml) == XML_ERROR_NO_MEMORY
			 ? -IMS_E_NOMEM
			 : -IMS_E_SYNTAX,
		 "line %lu: %s",
		 (unsigned long)XML_GetCurrentLineNumber(r->xml),
		 XML_ErrorString(XML_GetErrorCode(r->xml)));
}

int ims_reginfo_parse(struct ims_str xml, struct ims_reginfo *out,
		      struct ims_flaw *flaw)
{
	struct reader r = {0};

	if (xml.n > IMS_REGINFO_MAX)
		return ims_flaw(flaw, -IMS_E_TOOBIG, "%zu bytes of reginfo",
				xml.n);
	r.xml = XML_ParserCreateNS("UTF-8", NS_END);
	r.m = calloc(1, sizeof *r.m + xml.n);
	if (r.xml && r.m) {
		r.m->cap_text = xml.n;
		run(&r, xml);
	} else {
		ims_flaw(&r.flaw, -IMS_E_NOMEM, "reginfo");
	}
	XML_ParserFree(r.xml);
	if (r.flaw.err) {
		free_memory(r.m);
		return ims_flaw(flaw, r.flaw.err, "%s", r.flaw.text);
	}
	share_out(r.m);
	*out = (struct ims_reginfo){.version = r.version,
				    .full = r.full,
				    .reg = r.m->reg,
				    .n_regs = r.m->n_regs,
				    .memory = r.m};
	return 0;
}

void ims_reginfo_free(struct ims_reginfo *r)
{
	free_memory(r->memory);
	memset(r, 0, sizeof *r);
}
