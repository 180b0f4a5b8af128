// What stands in front of XMP in its segment (XMP specification, part 3, section 1.1.3).

#ifndef CJPEG_XMP_H
#define CJPEG_XMP_H

#define CJPEG_XMP_SIGNATURE "http://ns.adobe.com/xap/1.0/"
/// With the zero at its end.
#define CJPEG_XMP_SIGNATURE_COUNT sizeof CJPEG_XMP_SIGNATURE

#endif
