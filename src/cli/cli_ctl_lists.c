/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_ctl_lists.c - the long answers for people: bindings and sas. */
#include "cli_ctl_lists.h"

#include "base_str.h"
#include "cli_ctl_show.h"

#include <inttypes.h>
#include <string.h>

static int64_t number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void row(FILE *to, const char *title, const json_t *o, const char *name)
{
	char text[IMS_CLI_CTL_TEXT];

	if (*ims_cli_ctl_text(o, name, text))
		fprintf(to, "  %-11s%s\n", title, text);
}

/* --- bindings ------------------------------------------------------------ */

static void show_impu(FILE *to, const json_t *o)
{
	const json_t *registered = json_object_get(o, "registered");
	char uri[IMS_CLI_CTL_TEXT], state[IMS_CLI_CTL_TEXT];

	fprintf(to, "  %-11s%s", "identity", ims_cli_ctl_text(o, "uri", uri));
	if (*ims_cli_ctl_text(o, "state", state))
		fprintf(to, "  %s", state);
	if (json_is_true(json_object_get(o, "default")))
		fputs(", default", to);
	if (json_is_true(json_object_get(o, "barred")))
		fputs("  barred", to);
	else if (registered && !json_is_true(registered))
		fputs("  not registered", to);
	fputc('\n', to);
}

static void show_contact(FILE *to, const json_t *o)
{
	char text[IMS_CLI_CTL_TEXT];

	fprintf(to, "  %-11s%s  %" PRId64 " s left", "contact",
		ims_cli_ctl_text(o, "uri", text), number(o, "expires_s"));
	if (number(o, "reg_id"))
		fprintf(to, ", reg-id %" PRId64, number(o, "reg_id"));
	fputc('\n', to);
	row(to, "  instance", o, "instance");
	row(to, "  gruu", o, "gruu");
	row(to, "  path", o, "path");
}

static void show_watcher(FILE *to, const json_t *o)
{
	char who[IMS_CLI_CTL_TEXT], state[IMS_CLI_CTL_TEXT];

	ims_cli_ctl_text(o, "who", who);
	who[strcspn(who, ";")] = '\0'; /* without the tag */
	fprintf(to, "  %-11s%s%s\n", "watcher", who,
		json_is_true(json_object_get(o, "trusted")) ? "  (network)"
							    : "");
	fprintf(to, "  %-11s%s, version %" PRId64 ", %" PRId64 " s left\n", "",
		ims_cli_ctl_text(o, "state", state), number(o, "version"),
		number(o, "expires_s"));
}

static void each(FILE *to, const json_t *o, const char *name,
		 void (*show)(FILE *to, const json_t *o))
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(o, name), i, v) show(to, v);
}

static void show_user(FILE *to, const json_t *o)
{
	char impi[IMS_CLI_CTL_TEXT];

	fprintf(to, "%s\n", ims_cli_ctl_text(o, "impi", impi));
	each(to, o, "impus", show_impu);
	each(to, o, "contacts", show_contact);
	each(to, o, "watchers", show_watcher);
}

/* A ue has one registration, its own. */
static void show_own(FILE *to, const json_t *o)
{
	const json_t *sub = json_object_get(o, "subscription");
	char impi[IMS_CLI_CTL_TEXT], text[IMS_CLI_CTL_TEXT];

	fprintf(to, "%s  %s, %" PRId64 " s left\n",
		ims_cli_ctl_text(o, "impi", impi),
		ims_cli_ctl_text(o, "registration", text),
		number(o, "expires_s"));
	each(to, o, "impus", show_impu);
	row(to, "contact", o, "contact");
	row(to, "gruu", o, "gruu");
	row(to, "temp. gruu", o, "temp_gruu");
	row(to, "route", o, "service_route");
	fprintf(to, "  %-11s%s, %" PRId64 " s left\n", "reg event",
		ims_cli_ctl_text(sub, "state", text), number(sub, "expires_s"));
}

void ims_cli_ctl_show_bindings(FILE *to, const json_t *o)
{
	const json_t *users = json_object_get(o, "users");

	if (!users)
		show_own(to, o);
	else if (!json_array_size(users))
		fputs("nobody is registered\n", to);
	else
		each(to, o, "users", show_user);
}

/* --- SAs ----------------------------------------------------------------- */

/* Where the port of "192.0.2.1:5060" or "[2001:db8::1]:5060" begins. */
static size_t address_end(const char *text)
{
	const char *colon = strrchr(text, ':');

	return colon ? (size_t)(colon - text) : strlen(text);
}

static const char *port(const char *text)
{
	const char *colon = text + address_end(text);

	return *colon ? colon + 1 : "?";
}

static void show_dropped(FILE *to, const json_t *o)
{
	const char *name, *between = "  ";
	json_t *v;

	json_object_foreach(json_object_get(o, "dropped"), name, v)
	{
		if (!json_integer_value(v))
			continue;
		fprintf(to, "%s%.12s %" PRId64, between, name,
			(int64_t)json_integer_value(v));
		between = ", ";
	}
}

static void show_sa(FILE *to, const json_t *o)
{
	char arrow[IMS_CLI_CTL_TEXT], name[IMS_CLI_CTL_TEXT],
		hex[IMS_CLI_CTL_TEXT], src[IMS_CLI_CTL_TEXT],
		dst[IMS_CLI_CTL_TEXT];

	fprintf(to, "  %-6s  %5s -> %-5s  %s %10" PRId64 " %s",
		ims_cli_ctl_text(o, "arrow", arrow),
		port(ims_cli_ctl_text(o, "src", src)),
		port(ims_cli_ctl_text(o, "dst", dst)),
		ims_cli_ctl_text(o, "name", name), number(o, "spi"),
		ims_cli_ctl_text(o, "spi_hex", hex));
	if (json_object_get(o, "packets"))
		fprintf(to, " %8" PRId64 " %10" PRId64, number(o, "packets"),
			number(o, "bytes"));
	show_dropped(to, o);
	fputc('\n', to);
}

static void show_set(FILE *to, const json_t *o)
{
	const json_t *first = json_array_get(json_object_get(o, "sas"), 0);
	const json_t *ends = json_object_get(o, "ends_s");
	char text[IMS_CLI_CTL_TEXT], more[IMS_CLI_CTL_TEXT];

	fprintf(to, "set %" PRId64 "  %s\n", number(o, "set"),
		ims_cli_ctl_text(o, "impi", text));
	fprintf(to, "  %s, %s", ims_cli_ctl_text(o, "life", text),
		ims_cli_ctl_text(o, "alg", more));
	fprintf(to, "/%s", ims_cli_ctl_text(o, "ealg", text));
	if (json_is_integer(ends))
		fprintf(to, ", %" PRId64 " s left",
			(int64_t)json_integer_value(ends));
	ims_cli_ctl_text(first, "src", text);
	ims_cli_ctl_text(first, "dst", more);
	fprintf(to, "; UE %.*s, P-CSCF %.*s\n", (int)address_end(text), text,
		(int)address_end(more), more);
	fprintf(to, "  %-6s  %-14s  %-28s %8s %10s  %s\n", "SA", "ports", "SPI",
		"packets", "bytes", "dropped");
	each(to, o, "sas", show_sa);
}

void ims_cli_ctl_show_sas(FILE *to, const json_t *o)
{
	if (!json_array_size(json_object_get(o, "sets")))
		fputs("no SA set\n", to);
	each(to, o, "sets", show_set);
}
