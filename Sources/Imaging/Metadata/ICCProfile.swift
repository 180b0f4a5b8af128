/// Whether an ICC profile describes an image of `channels`: its color space (bytes 16 to 19 of the
/// header, ICC.1 section 7.2.6) is gray or RGB. A CMYK file's profile, for one, does not fit its
/// converted pixels.
func iccProfile(_ profile: [UInt8], fitsChannels channels: Int) -> Bool {
  guard profile.count >= 128 else { return false }
  let space = channels <= 2 ? "GRAY" : "RGB "
  return profile[16..<20].elementsEqual(space.utf8)
}
