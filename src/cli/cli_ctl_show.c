/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_ctl_show.c - answers of a running program, for people. */
#include "cli_ctl_show.h"

#include "base_trace.h"
#include "cli_ctl_lists.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

const char *ims_cli_ctl_text(const json_t *o, const char *name,
			     char out[static IMS_CLI_CTL_TEXT])
{
	const json_t *v = json_object_get(o, name);

	out[0] = '\0';
	if (json_is_string(v))
		ims_printable(ims_str_n(json_string_value(v),
					json_string_length(v)),
			      out, IMS_CLI_CTL_TEXT);
	return out;
}

static json_int_t number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

/* "2 h 03 min" */
static const char *duration(json_int_t s, char out[static 32])
{
	if (s < 60)
		snprintf(out, 32, "%d s", (int)s);
	else if (s < 3600)
		snprintf(out, 32, "%d min %02d s", (int)(s / 60),
			 (int)(s % 60));
	else if (s < 86400)
		snprintf(out, 32, "%d h %02d min", (int)(s / 3600),
			 (int)(s / 60 % 60));
	else
		snprintf(out, 32, "%" PRId64 " d %02d h", (int64_t)s / 86400,
			 (int)(s / 3600 % 24));
	return out;
}

/* --- status -------------------------------------------------------------- */

/* "aka.res 1, flow.clear 7"; folded. */
static void numbers(FILE *to, const char *title, const json_t *o)
{
	const char *name;
	json_t *v;
	int at = 0;

	json_object_foreach((json_t *)o, name, v)
	{
		char shown[64];
		int n;

		ims_printable(ims_str(name), shown, sizeof shown);
		if (at > 55) {
			fputs(",\n            ", to);
			at = 0;
		} else {
			at += fprintf(to, at ? ", " : "  %-10s", title);
		}
		n = fprintf(to, "%s %" PRId64, shown,
			    (int64_t)json_integer_value(v));
		at += n > 0 ? n : 0;
	}
	if (at)
		fputc('\n', to);
}

static void row(FILE *to, const char *title, const json_t *o, const char *name)
{
	char text[IMS_CLI_CTL_TEXT];

	if (*ims_cli_ctl_text(o, name, text))
		fprintf(to, "  %-10s%s\n", title, text);
}

static void show_head(FILE *to, const json_t *o)
{
	const json_t *ipsec = json_object_get(o, "ipsec");
	char role[IMS_CLI_CTL_TEXT], version[IMS_CLI_CTL_TEXT],
		log[IMS_CLI_CTL_TEXT], up[32];

	fprintf(to, "%s %s, pid %" PRId64 ", up %s, log %s\n",
		ims_cli_ctl_text(o, "role", role),
		ims_cli_ctl_text(o, "version", version),
		(int64_t)number(o, "pid"), duration(number(o, "uptime_s"), up),
		ims_cli_ctl_text(o, "log", log));
	if (ipsec) {
		fprintf(to, "  %-10s%s", "ipsec",
			ims_cli_ctl_text(ipsec, "backend", role));
		if (*ims_cli_ctl_text(ipsec, "why", version))
			fprintf(to, " (%s)", version);
		fputc('\n', to);
	}
	row(to, "kept in", o, "state");
}

static void show_ports(FILE *to, const json_t *o)
{
	const json_t *pc = json_object_get(o, "port_pc");
	char listen[IMS_CLI_CTL_TEXT], security[IMS_CLI_CTL_TEXT];
	size_t i;
	json_t *v;

	fprintf(to, "  %-10s%s, ps %" PRId64 ", pc", "listens",
		ims_cli_ctl_text(o, "listen", listen),
		(int64_t)number(o, "port_ps"));
	json_array_foreach((json_t *)pc, i, v)
		fprintf(to, " %" PRId64, (int64_t)json_integer_value(v));
	fprintf(to, "; security %s\n",
		ims_cli_ctl_text(o, "security", security));
}

static void show_core(FILE *to, const json_t *o)
{
	const json_t *users = json_object_get(o, "users");

	show_ports(to, o);
	row(to, "domain", o, "domain");
	fprintf(to,
		"  %-10s%" PRId64 " registered, contacts %" PRId64
		", subscriptions to reg %" PRId64 "\n",
		"users", (int64_t)number(users, "registered"),
		(int64_t)number(o, "contacts"), (int64_t)number(o, "watchers"));
	fprintf(to,
		"  %-10sUEs %" PRId64 ", of those without IPsec %" PRId64
		"; SA sets %" PRId64 ", pending %" PRId64 "\n",
		"P-CSCF", (int64_t)number(users, "known"),
		(int64_t)number(users, "clear"), (int64_t)number(o, "sets"),
		(int64_t)number(o, "pending"));
	numbers(to, "SA sets", json_object_get(o, "lives"));
}

static void show_ue(FILE *to, const json_t *o)
{
	const json_t *keep = json_object_get(o, "keep_alive");
	char a[IMS_CLI_CTL_TEXT], b[IMS_CLI_CTL_TEXT];

	row(to, "impi", o, "impi");
	fprintf(to, "  %-10s%s at %s\n", "local",
		ims_cli_ctl_text(o, "local", a),
		ims_cli_ctl_text(o, "pcscf", b));
	fprintf(to, "  %-10s%s, %" PRId64 " s left; SA sets %" PRId64 "\n",
		"state", ims_cli_ctl_text(o, "registration", a),
		(int64_t)number(o, "expires_s"), (int64_t)number(o, "sets"));
	row(to, "reg event", o, "subscription");
	if (number(keep, "every_s"))
		fprintf(to,
			"  %-10severy %" PRId64 " s, sent %" PRId64
			", answered %" PRId64 "\n",
			"keepalive", (int64_t)number(keep, "every_s"),
			(int64_t)number(keep, "sent"),
			(int64_t)number(keep, "answered"));
}

static void show_status(FILE *to, const json_t *o)
{
	const json_t *n = json_object_get(o, "counts");
	char role[IMS_CLI_CTL_TEXT];
	json_t *plain = json_object();
	const char *name;
	json_t *v;

	show_head(to, o);
	if (strcmp(ims_cli_ctl_text(o, "role", role), "core") == 0)
		show_core(to, o);
	else
		show_ue(to, o);
	json_object_foreach((json_t *)n, name, v) if (json_is_integer(v))
		json_object_set(plain, name, v);
	numbers(to, "counted", plain);
	json_decref(plain);
	numbers(to, "answers", json_object_get(n, "answers"));
	numbers(to, "problems", json_object_get(n, "problems"));
	numbers(to, "dropped", json_object_get(n, "dropped"));
}

/* --- what was done ------------------------------------------------------- */

static void show_dereg(FILE *to, const json_t *o)
{
	char user[IMS_CLI_CTL_TEXT], reason[IMS_CLI_CTL_TEXT];

	fprintf(to, "%s is out: %s", ims_cli_ctl_text(o, "user", user),
		ims_cli_ctl_text(o, "reason", reason));
	if (json_object_get(o, "retry_after_s"))
		fprintf(to, ", may come back in %" PRId64 " s",
			(int64_t)number(o, "retry_after_s"));
	fputc('\n', to);
}

static void show_reauth(FILE *to, const json_t *o)
{
	char user[IMS_CLI_CTL_TEXT];

	fprintf(to, "%s must authenticate anew",
		ims_cli_ctl_text(o, "user", user));
	if (json_object_get(o, "in_s"))
		fprintf(to, " within %" PRId64 " s",
			(int64_t)number(o, "in_s"));
	fputc('\n', to);
}

static void show_refresh(FILE *to, const json_t *o)
{
	char was[IMS_CLI_CTL_TEXT], is[IMS_CLI_CTL_TEXT];

	ims_cli_ctl_text(o, "was", was);
	ims_cli_ctl_text(o, "registration", is);
	if (strcmp(was, is) == 0)
		fprintf(to, "%s already\n", is);
	else
		fprintf(to, "was %s, now %s\n", was, is);
}

static void show_log(FILE *to, const json_t *o)
{
	char was[IMS_CLI_CTL_TEXT], is[IMS_CLI_CTL_TEXT];

	fprintf(to, "log: was %s, now %s\n", ims_cli_ctl_text(o, "was", was),
		ims_cli_ctl_text(o, "level", is));
}

static void show_stop(FILE *to, const json_t *o)
{
	char role[IMS_CLI_CTL_TEXT];

	fprintf(to, "the %s is ending\n", ims_cli_ctl_text(o, "role", role));
}

void ims_cli_ctl_show(FILE *to, const json_t *answer)
{
	static const struct {
		const char *cmd;
		void (*show)(FILE *to, const json_t *o);
	} shows[] = {
		{"status", show_status},
		{"bindings", ims_cli_ctl_show_bindings},
		{"sas", ims_cli_ctl_show_sas},
		{"dereg", show_dereg},
		{"reauth", show_reauth},
		{"refresh", show_refresh},
		{"log", show_log},
		{"stop", show_stop},
	};
	char cmd[IMS_CLI_CTL_TEXT];

	ims_cli_ctl_text(answer, "cmd", cmd);
	for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
		if (strcmp(cmd, shows[i].cmd) == 0)
			shows[i].show(to, answer);
}

void ims_cli_ctl_show_event(FILE *to, const json_t *event)
{
	json_int_t ms = number(event, "time_ms");
	time_t t = (time_t)(ms / 1000);
	char when[32] = "", level[IMS_CLI_CTL_TEXT], text[IMS_CLI_CTL_TEXT * 4],
	     id[IMS_CLI_CTL_TEXT];
	const json_t *v = json_object_get(event, "text");
	struct tm tm;

	if (localtime_r(&t, &tm))
		strftime(when, sizeof when, "%H:%M:%S", &tm);
	ims_printable(ims_str_n(json_string_value(v), json_string_length(v)),
		      text, sizeof text);
	if (strcmp(ims_cli_ctl_text(event, "event", id), "lost") == 0)
		snprintf(text, sizeof text,
			 "%" PRId64 " events were lost: nobody read them here",
			 (int64_t)number(event, "n"));
	else if (strcmp(id, "end") == 0)
		snprintf(text, sizeof text, "it has ended");
	ims_cli_ctl_text(event, "level", level);
	ims_cli_ctl_text(event, "id", id);
	fprintf(to, "%s.%03d %-5s %s%s%s%s\n", when, (int)(ms % 1000),
		*level ? level : "info", text, *id ? " [" : "", id,
		*id ? "]" : "");
}
