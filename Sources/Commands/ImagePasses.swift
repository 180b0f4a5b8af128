import Datasets
import Files
import Imaging
import Wording

/// Sends images through something one after another, and counts those that cannot be used.
struct ImagePasses {
  let images: GivenImages
  let context: CommandContext
  private(set) var failures = 0

  init(_ images: GivenImages, _ context: CommandContext) {
    (self.images, self.context) = (images, context)
  }

  /// Calls `body` with each image that can be used; returns whether it came to the end.
  mutating func run(_ body: (_ index: Int, Image) throws -> Void) throws -> Bool {
    try run(with: { _ in }, { index, image, _ in try body(index, image) })
  }

  /// The same with something else that is found out of each image.
  ///
  /// - Parameter find: throws for an image that cannot be used, whatever its file holds. A reason that many images have
  ///   is told once, at the end.
  mutating func run<Fact>(
    with find: (_ index: Int) throws(FileError) -> Fact,
    _ body: (_ index: Int, Image, Fact) throws -> Void
  ) throws -> Bool {
    var display = ProgressDisplay(console: context.console, linesEvery: 1000)
    var lacks: [(first: FileError, count: Int)] = []
    defer {
      display.finish()
      for (first, count) in lacks {
        let others = count == 1 ? "" : " and \(counted(count - 1, "other image"))"
        context.console.warning("\(first.path)\(others): \(first.reason)")
      }
    }
    for index in 0..<images.count {
      if context.isInterrupted() { return false }
      let image: Image
      do throws(FileError) { image = try images.image(at: index) } catch {
        failures += 1
        context.console.warning("\(error)")
        continue
      }
      let fact: Fact
      do throws(FileError) { fact = try find(index) } catch {
        failures += 1
        if let known = lacks.firstIndex(where: { $0.first.reason == error.reason }) {
          lacks[known].count += 1
        } else {
          lacks.append((error, 1))
        }
        continue
      }
      try body(index, image, fact)
      display.advance([.init(name: "image", done: index + 1, total: images.count)], units: 1)
    }
    return true
  }

  /// How the command ends; says how many images could not be used.
  var exitCode: ExitCode {
    guard failures > 0 else { return .success }
    context.console.error("\(failures) of \(images.count) images could not be used")
    return .failure
  }
}
