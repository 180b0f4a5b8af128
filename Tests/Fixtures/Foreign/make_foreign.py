"""Writes one small file of every kind that other programs can be asked for; NAME is the kind.

Made with Python 3, Pillow 13.0.0, pillow-heif 1.8.1, pydicom 3.0.2, nibabel, astropy
and OpenEXR. What no program here writes is made by hand in ForeignImageKindTests.swift.
"""

import pathlib

import nibabel
import numpy as np
import OpenEXR
import pillow_heif
import pydicom
from astropy.io import fits
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

HERE = pathlib.Path(__file__).parent
GRAY = np.arange(64, dtype=np.uint8).reshape(8, 8)
COLOR = np.stack([GRAY, GRAY.T, 255 - GRAY], axis=2)
rgb, gray = Image.fromarray(COLOR), Image.fromarray(GRAY)

rgb.save(HERE / "GIF", "GIF")
rgb.save(HERE / "BMP", "BMP")
rgb.save(HERE / "JPEG 2000-box", "JPEG2000", no_jp2=False)
rgb.save(HERE / "JPEG 2000-codestream", "JPEG2000", no_jp2=True)
rgb.save(HERE / "AVIF", "AVIF")
rgb.save(HERE / "PPM", "PPM")
gray.save(HERE / "PGM", "PPM")
gray.convert("1").save(HERE / "PBM", "PPM")
rgb.save(HERE / "PCX", "PCX")
rgb.save(HERE / "ICO", "ICO", sizes=[(8, 8)])
rgb.save(HERE / "SGI", "SGI")
rgb.save(HERE / "DDS", "DDS")
rgb.save(HERE / "QOI", "QOI")
rgb.convert("F").save(HERE / "PFM", "PPM")
pillow_heif.register_heif_opener()
rgb.save(HERE / "HEIC", "HEIF")


meta = FileMetaDataset()
meta.MediaStorageSOPClassUID = pydicom.uid.SecondaryCaptureImageStorage
meta.MediaStorageSOPInstanceUID = "1.2.3"
meta.TransferSyntaxUID = ExplicitVRLittleEndian
data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3"
data.Rows, data.Columns, data.SamplesPerPixel = 8, 8, 1
data.PhotometricInterpretation = "MONOCHROME2"
data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
data.PixelData = GRAY.tobytes()
data.save_as(HERE / "DICOM", enforce_file_format=True)

nibabel.save(nibabel.Nifti1Image(GRAY[:, :, None], np.eye(4)), HERE / "NIfTI.nii")
(HERE / "NIfTI.nii").rename(HERE / "NIfTI")
fits.writeto(HERE / "FITS", GRAY, overwrite=True)
exr = {"R": COLOR[:, :, 0].astype(np.float32)}
with OpenEXR.File({"compression": OpenEXR.NO_COMPRESSION, "type": OpenEXR.scanlineimage}, exr) as file:
    file.write(str(HERE / "OpenEXR.exr"))
(HERE / "OpenEXR.exr").rename(HERE / "OpenEXR")
