/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_restore.c - reads application/3gpp-ims+xml. */
#include "reg_restore.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define NS_END '\n'
#define DEPTH 16

enum place { OUTSIDE, IN_IMS, IN_SERVICE, IN_TYPE, IN_ACTION };

static const struct step {
	enum place in, to;
	const char *name;
} steps[] = {
	{OUTSIDE, IN_IMS, "ims-3gpp"},
	{IN_IMS, IN_SERVICE, "alternative-service"},
	{IN_SERVICE, IN_TYPE, "type"},
	{IN_SERVICE, IN_ACTION, "action"},
};

struct reader {
	XML_Parser xml;
	enum place at[DEPTH + 1]; /* OUTSIDE in what is not known */
	size_t depth;
	char text[64]; /* of the element that is open */
	size_t n;
	bool too_long, restoration, registration;
};

static enum place below(const struct reader *r, const char *name)
{
	const char *local = strrchr(name, NS_END);

	if (r->depth && r->at[r->depth] == OUTSIDE)
		return OUTSIDE;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i].in == r->at[r->depth] &&
		    strcmp(steps[i].name, local ? local + 1 : name) == 0)
			return steps[i].to;
	return OUTSIDE;
}

static void XMLCALL on_open(void *arg, const char *name, const char **attrs)
{
	struct reader *r = arg;
	enum place to = below(r, name);

	(void)attrs;
	if (r->depth == DEPTH) {
		XML_StopParser(r->xml, XML_FALSE);
		return;
	}
	r->at[++r->depth] = to;
	r->n = 0;
	r->too_long = false;
}

static bool says(const struct reader *r, const char *what)
{
	return !r->too_long &&
	       ims_str_caseeq(ims_str_trim(ims_str_n(r->text, r->n)),
			      ims_str(what));
}

static void XMLCALL on_close(void *arg, const char *name)
{
	struct reader *r = arg;
	enum place at = r->at[r->depth--];

	(void)name;
	if (at == IN_TYPE)
		r->restoration = says(r, "restoration");
	else if (at == IN_ACTION)
		r->registration = says(r, "initial-registration");
}

static void XMLCALL on_text(void *arg, const char *p, int n)
{
	struct reader *r = arg;

	r->too_long |= (size_t)n > sizeof r->text - r->n;
	if (r->too_long)
		return;
	memcpy(r->text + r->n, p, (size_t)n);
	r->n += (size_t)n;
}

static void XMLCALL on_doctype(void *arg, const char *name, const char *sysid,
			       const char *pubid, int has_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_subset;
	XML_StopParser(((struct reader *)arg)->xml, XML_FALSE);
}

bool ims_reg_restore(struct ims_str xml)
{
	struct reader r = {0};
	bool whole;

	if (xml.n == 0 || xml.n > IMS_RESTORE_MAX)
		return false;
	r.xml = XML_ParserCreateNS("UTF-8", NS_END);
	if (!r.xml)
		return false;
	XML_SetUserData(r.xml, &r);
	XML_SetElementHandler(r.xml, on_open, on_close);
	XML_SetCharacterDataHandler(r.xml, on_text);
	XML_SetStartDoctypeDeclHandler(r.xml, on_doctype);
	whole = XML_Parse(r.xml, xml.p, (int)xml.n, 1) == XML_STATUS_OK;
	XML_ParserFree(r.xml);
	return whole && r.restoration && r.registration;
}
