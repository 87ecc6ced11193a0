/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_wireshark.c - imsreg wireshark FILE: opens a capture of ours decrypted.
 */
#include "cli_wireshark.h"

#include "cli_capture.h"
#include "cli_err.h"
#include "cli_opt.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct conf {
	bool print, gui;
};

/* clang-format off */
static const struct ims_opt opts[] = {
	{"print", 'p', IMS_OPT_FLAG, offsetof(struct conf, print), 0, NULL, NULL,
	 "only print the tshark command line"},
	{"gui", 'g', IMS_OPT_FLAG, offsetof(struct conf, gui), 0, NULL, NULL,
	 "open it in Wireshark instead of tshark"},
};
/* clang-format on */

static const struct ims_opt_table table = {
	.command = "wireshark",
	.usage = "FILE [--print | --gui]",
	.about = "Opens a capture written by imsreg with the ESP decrypted: "
		 "keys, ports and\npreferences stand in FILE.wireshark/, which "
		 "is made from FILE if it is missing.",
	.opt = opts,
	.n_opts = sizeof opts / sizeof *opts,
};

static int run(const char *file, bool gui)
{
	char dir[4300];

	snprintf(dir, sizeof dir, "%s.wireshark", file);
	if (setenv("WIRESHARK_CONFIG_DIR", dir, 1) == 0) {
		if (gui)
			execlp("wireshark", "wireshark", "-r", file, "-Y",
			       "sip", (char *)NULL);
		else
			execlp("tshark", "tshark", "-2", "-r", file, "-Y",
			       "sip", (char *)NULL);
	}
	return ims_cli_fail("wireshark", -IMS_E_HERE, "%s could not be started",
			    gui ? "wireshark" : "tshark");
}

int ims_cli_wireshark(int argc, char **argv)
{
	struct conf c = {0};
	const char *file;
	char line[16384];
	struct ims_flaw why;
	struct ims_buf b;
	int n = ims_cli_opt(&table, argc, argv, &c, &file, 1);

	if (n == IMS_OPT_HELPED)
		return IMS_EXIT_OK;
	if (n < 0)
		return (int)ims_err_info(n)->exit;
	if (n != 1)
		return ims_cli_fail("wireshark", -IMS_E_USAGE,
				    "which capture? imsreg wireshark FILE");
	if (ims_cli_capture_restore(file, &why))
		return ims_cli_fail("wireshark", why.err, "%s", why.text);
	if (!c.print)
		return run(file, c.gui);
	ims_buf_init(&b, line, sizeof line);
	ims_cli_capture_tshark(&b, file);
	puts(ims_buf_cstr(&b));
	return IMS_EXIT_OK;
}
