/* SPDX-License-Identifier: BSD-2-Clause */
/* io_unix_dial.h - talks in lines with who listens at a Unix socket: the
 * caller's side, which waits.
 */
#ifndef IMS_IO_UNIX_DIAL_H
#define IMS_IO_UNIX_DIAL_H

#include <sys/un.h>

#include "base_err.h"
#include "base_str.h"

/* Whoever listens must be of our user or root.  -IMS_E_CTL (nobody is there,
 * or another user), -IMS_E_RANGE (path), -IMS_E_NOMEM, -IMS_E_SYS.
 */
struct ims_io_dial;
int ims_io_dial_new(const char *path, struct ims_io_dial **out,
		    struct ims_flaw *why);
void ims_io_dial_free(struct ims_io_dial *d); /* takes NULL */
/* All of it, or an error: -IMS_E_CTL (he is gone), -IMS_E_SILENCE (he takes
 * nothing).
 */
int ims_io_dial_send(struct ims_io_dial *d, struct ims_str bytes);
/* The next line without its end, borrowed until the next call.  ms < 0: waits
 * for ever.  1: a line, 0: he has ended; -IMS_E_SILENCE (not in that time),
 * -IMS_E_TOOBIG (over 64 MiB), -IMS_E_NOMEM.
 */
int ims_io_dial_line(struct ims_io_dial *d, int ms, struct ims_str *out);

#endif
