#include "errors.h"

#include <string.h>

#include <jerror.h>

static void copy_message(j_common_ptr info, cjpeg_errors *errors) {
  char text[JMSG_LENGTH_MAX];
  errors->manager.format_message(info, text);
  codec_fail(errors->message, CODEC_BROKEN, text);
}

static void on_error(j_common_ptr info) {
  cjpeg_errors *errors = (cjpeg_errors *)info->err;
  copy_message(info, errors);
  errors->status = errors->manager.msg_code == JERR_OUT_OF_MEMORY ? CODEC_OUT_OF_MEMORY
                   : errors->input_ended                          ? CODEC_TRUNCATED
                                                                  : CODEC_BROKEN;
  longjmp(errors->jump, 1);
}

// Says whether a warning means that pixels are missing or wrong. The others speak of things beside
// the pixels, such as padding in front of a marker, which cameras write.
static int is_damage(int code) {
  switch (code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC: return 1;
    default: return 0;
  }
}

// Says whether image data is asked for behind the file's end before a row of blocks is complete.
static int misses_the_first_row(j_common_ptr info) {
  cjpeg_errors *errors = (cjpeg_errors *)info->err;
  j_decompress_ptr decoder = (j_decompress_ptr)info;
  return errors->needs_a_row && errors->input_ended && errors->manager.msg_code == JWRN_HIT_MARKER &&
         decoder->input_scan_number <= 1 && decoder->input_iMCU_row == 0;
}

// A level below 0 is a warning; the others are trace messages.
static void on_message(j_common_ptr info, int level) {
  cjpeg_errors *errors = (cjpeg_errors *)info->err;
  if (level >= 0) return;
  if (errors->manager.msg_code == JWRN_JPEG_EOF) errors->input_ended = 1;
  if (!is_damage(errors->manager.msg_code)) return;
  errors->is_damaged = 1;
  if (!errors->reject_damage && !misses_the_first_row(info)) return;
  copy_message(info, errors);
  errors->status = errors->input_ended ? CODEC_TRUNCATED : CODEC_BROKEN;
  longjmp(errors->jump, 1);
}

static void print_nothing(j_common_ptr info) { (void)info; }

struct jpeg_error_mgr *cjpeg_errors_prepare(cjpeg_errors *errors, char *message) {
  memset(errors, 0, sizeof *errors);
  errors->message = message;
  jpeg_std_error(&errors->manager);
  errors->manager.error_exit = on_error;
  errors->manager.emit_message = on_message;
  errors->manager.output_message = print_nothing;
  return &errors->manager;
}

void cjpeg_errors_fail(cjpeg_errors *errors, codec_status status, const char *message) {
  errors->status = codec_fail(errors->message, status, message);
  longjmp(errors->jump, 1);
}
