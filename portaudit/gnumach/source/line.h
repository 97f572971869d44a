/*
 * The lines that go over the serial port: words with a blank between them, numbers in hexadecimal.
 * A request is a command and its numbers; the answer is the request's number, a word, and numbers.
 */
#ifndef LINE_H
#define LINE_H

#include "runtime.h"

#define WORDS 131072	/* the longest request or answer */

struct words {
	uint32_t count;
	uint32_t word[WORDS];
};

/* Takes the second serial port over, polled: the kernel's tty driver costs 40 ms a line. */
kern_return_t line_open(mach_port_t device_master);

/* Reads a request; its command is "" if it makes no sense. */
void line_read(char *command, unsigned size, struct words *numbers);

void line_text(const char *text);
void line_number(uint32_t number);
void line_end(void);

#endif
