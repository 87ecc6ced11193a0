/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_capture.c - a capture into a file, and the Wireshark profile beside it.
 */
#include "cli_capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH 4200
#define SUFFIX ".wireshark"

/* A new file for its owner only, whatever stood there before. */
static FILE *create(const char *path, struct ims_flaw *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *f = NULL;

	if (fd >= 0 && fchmod(fd, 0600) == 0)
		f = fdopen(fd, "wb");
	if (!f) {
		ims_flaw(why, -IMS_E_SYS, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	return f;
}

static int close_it(FILE *f, const char *path, int err, struct ims_flaw *why)
{
	if (fclose(f) != 0 && !err)
		err = -IMS_E_SYS;
	return err ? ims_flaw(why, err, "%s: could not be written", path) : 0;
}

static int put(void *arg, const void *p, size_t n)
{
	return fwrite(p, 1, n, arg) == n ? 0 : -IMS_E_SYS;
}

static int save_packets(struct ims_capture *c, const char *path,
			struct ims_flaw *why)
{
	FILE *f = create(path, why);

	if (!f)
		return why->err;
	return close_it(f, path, ims_capture_write(c, put, f), why);
}

static int save_keys(const struct ims_capture *c, const char *path,
		     struct ims_flaw *why)
{
	FILE *f = create(path, why);

	if (!f)
		return why->err;
	return close_it(f, path, ims_capture_esp_sa(c, put, f), why);
}

static int save_preferences(const char *path, struct ims_flaw *why)
{
	FILE *f = create(path, why);

	if (!f)
		return why->err;
	fputs("esp.enable_encryption_decode: TRUE\n"
	      "esp.enable_authentication_check: TRUE\n"
	      "esp.enable_null_encryption_decode_heuristic: FALSE\n"
	      "nameres.network_name: FALSE\n",
	      f);
	return close_it(f, path, 0, why);
}

static int save_ports(const struct ims_capture *c, const char *path,
		      struct ims_flaw *why)
{
	uint16_t port[64];
	size_t n = ims_capture_ports(c, port, sizeof port / sizeof *port);
	FILE *f = create(path, why);

	if (!f)
		return why->err;
	for (size_t i = 0; i < n; i++)
		fprintf(f,
			"decode_as_entry: udp.port,%u,(none),SIP\n"
			"decode_as_entry: tcp.port,%u,(none),SIP\n",
			port[i], port[i]);
	return close_it(f, path, 0, why);
}

int ims_cli_capture_save(struct ims_capture *c, const char *path,
			 struct ims_flaw *why)
{
	char dir[PATH], file[PATH + 32];
	int err;

	err = save_packets(c, path, why);
	if (err)
		return err;
	snprintf(dir, sizeof dir, "%s" SUFFIX, path);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return ims_flaw(why, -IMS_E_SYS, "%s: %s", dir,
				strerror(errno));
	snprintf(file, sizeof file, "%s/esp_sa", dir);
	err = save_keys(c, file, why);
	snprintf(file, sizeof file, "%s/preferences", dir);
	if (!err)
		err = save_preferences(file, why);
	snprintf(file, sizeof file, "%s/decode_as_entries", dir);
	return err ? err : save_ports(c, file, why);
}

/* In single quotes, unless nothing in it needs them. */
static void quoted(struct ims_buf *b, const char *word, const char *more)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_./-+:,@";
	bool bare = *word && strspn(word, plain) == strlen(word);

	if (!bare)
		ims_buf_putc(b, '\'');
	for (const char *p = word; *p; p++) {
		if (*p == '\'')
			ims_buf_puts(b, "'\\''");
		else
			ims_buf_putc(b, *p);
	}
	ims_buf_puts(b, more);
	if (!bare)
		ims_buf_putc(b, '\'');
}

void ims_cli_capture_tshark(struct ims_buf *b, const char *path)
{
	ims_buf_puts(b, "WIRESHARK_CONFIG_DIR=");
	quoted(b, path, SUFFIX);
	ims_buf_puts(b, " tshark -2 -r ");
	quoted(b, path, "");
	ims_buf_puts(b, " -Y sip");
}
