/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_capture.c - a capture into a file, and the Wireshark profile beside it.
 */
#include "cli_capture.h"

#include "base_mem.h"
#include "cap_pcapng_read.h"
#include "cap_secrets.h"
#include "ipsec_wireshark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH 4200
#define PORTS 64
#define SUFFIX ".wireshark"

/* A new file for its owner only, whatever stood there before.  What is no
 * file (/dev/null, a pipe) keeps its mode.
 */
static FILE *create(const char *path, int flags, struct ims_flaw *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | flags,
		      0600);
	struct stat st;
	FILE *f = NULL;

	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    (!S_ISREG(st.st_mode) || fchmod(fd, 0600) == 0))
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

/* What the profile is made of. */
struct profile {
	uint16_t port[PORTS];
	size_t n_ports;
	const struct ims_capture *capture; /* its keys, or else: */
	struct ims_str esp_sa;
};

static int save_packets(struct ims_capture *c, const char *path,
			struct ims_flaw *why)
{
	FILE *f = create(path, 0, why);

	if (!f)
		return why->err;
	return close_it(f, path, ims_capture_write(c, put, f), why);
}

static int put_keys(const struct profile *p, FILE *f)
{
	return p->capture ? ims_capture_esp_sa(p->capture, put, f)
			  : put(f, p->esp_sa.p, p->esp_sa.n);
}

/* Names come from the file; nothing is looked up. */
static int put_preferences(const struct profile *p, FILE *f)
{
	(void)p;
	return fputs("esp.enable_encryption_decode: TRUE\n"
		     "esp.enable_authentication_check: TRUE\n"
		     "esp.enable_null_encryption_decode_heuristic: FALSE\n"
		     "nameres.network_name: TRUE\n"
		     "nameres.dns_pkt_addr_resolution: FALSE\n"
		     "nameres.use_external_name_resolver: FALSE\n",
		     f) < 0
		       ? -IMS_E_SYS
		       : 0;
}

static int put_ports(const struct profile *p, FILE *f)
{
	for (size_t i = 0; i < p->n_ports; i++)
		fprintf(f,
			"decode_as_entry: udp.port,%u,(none),SIP\n"
			"decode_as_entry: tcp.port,%u,(none),SIP\n",
			p->port[i], p->port[i]);
	return ferror(f) ? -IMS_E_SYS : 0;
}

/* Ours alone: nobody else may put links or files there. */
static int folder(const char *dir, struct ims_flaw *why)
{
	struct stat st;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return ims_flaw(why, -IMS_E_SYS, "%s: %s", dir,
				strerror(errno));
	if (lstat(dir, &st) != 0 || !S_ISDIR(st.st_mode) ||
	    st.st_uid != geteuid() || chmod(dir, 0700) != 0)
		return ims_flaw(why, -IMS_E_SYS, "%s: not a folder of ours",
				dir);
	return 0;
}

static int save_profile(const struct profile *p, const char *path,
			struct ims_flaw *why)
{
	static const struct {
		const char *name;
		int (*put)(const struct profile *p, FILE *f);
	} files[] = {
		{"esp_sa", put_keys},
		{"preferences", put_preferences},
		{"decode_as_entries", put_ports},
	};
	char dir[PATH], file[PATH + 32];
	int err;

	if ((size_t)snprintf(dir, sizeof dir, "%s" SUFFIX, path) >= sizeof dir)
		return ims_flaw(why, -IMS_E_SYS, "the file's name is too long");
	err = folder(dir, why);
	for (size_t i = 0; !err && i < sizeof files / sizeof *files; i++) {
		FILE *f;

		snprintf(file, sizeof file, "%s/%s", dir, files[i].name);
		f = create(file, O_NOFOLLOW, why);
		err = f ? close_it(f, file, files[i].put(p, f), why) : why->err;
	}
	return err;
}

int ims_cli_capture_save(struct ims_capture *c, const char *path,
			 struct ims_flaw *why)
{
	struct profile p = {.capture = c};
	int err = save_packets(c, path, why);

	p.n_ports = ims_capture_ports(c, p.port, PORTS);
	return err ? err : save_profile(&p, path, why);
}

/* --- the profile from the file alone ------------------------------------ */

static char *map(const char *path, size_t *n, struct ims_flaw *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *mem = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*n = (size_t)st.st_size;
		mem = mmap(NULL, *n ? *n : 1, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd < 0)
		ims_flaw(why, -IMS_E_NOFILE, "%s: %s", path, strerror(errno));
	else
		close(fd);
	if (fd >= 0 && mem == MAP_FAILED)
		ims_flaw(why, -IMS_E_SYS, "%s: cannot be read", path);
	return mem == MAP_FAILED ? NULL : mem;
}

/* Each line of the secrets gives at most one, which is not longer. */
static int collect(struct ims_pcapng *r, struct profile *p, struct ims_buf *b)
{
	struct ims_pcapng_item it;
	int err;

	while ((err = ims_pcapng_next(r, &it)) > 0) {
		if (it.kind == IMS_PCAPNG_SECRETS &&
		    it.type == IMS_WIRESHARK_SECRETS_TYPE)
			ims_cap_secrets_esp_sa(it.text, b);
		if (it.kind == IMS_PCAPNG_SECTION && !p->n_ports)
			p->n_ports = ims_cap_secrets_ports(it.comment, p->port,
							   PORTS);
	}
	p->esp_sa = ims_buf_str(b);
	return err;
}

static int restore(struct ims_str file, const char *path, struct ims_flaw *why)
{
	struct profile p = {0};
	struct ims_pcapng r;
	struct ims_buf b;
	char *mem = malloc(file.n + 1);
	int err = mem ? ims_pcapng_open(&r, file) : -IMS_E_NOMEM;

	ims_buf_init(&b, mem, file.n + 1);
	if (!err)
		err = collect(&r, &p, &b);
	if (err)
		ims_flaw(why, err, "%s: not a whole pcapng file", path);
	else if (!p.n_ports)
		err = ims_flaw(why, -IMS_E_SYNTAX,
			       "%s: no capture of imsreg: it does not say "
			       "which ports carry SIP",
			       path);
	else
		err = save_profile(&p, path, why);
	if (mem)
		ims_wipe(mem, file.n + 1);
	free(mem);
	return err;
}

int ims_cli_capture_restore(const char *path, struct ims_flaw *why)
{
	char dir[PATH + 32];
	size_t n = 0;
	char *file;
	int err;

	snprintf(dir, sizeof dir, "%s" SUFFIX "/esp_sa", path);
	if (access(path, R_OK) == 0 && access(dir, R_OK) == 0)
		return 0;
	file = map(path, &n, why);
	if (!file)
		return why->err;
	err = restore(ims_str_n(file, n), path, why);
	munmap(file, n ? n : 1);
	return err;
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
