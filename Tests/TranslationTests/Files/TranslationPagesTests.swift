import Foundation
import Imaging
import TestSupport
import Testing
import Torch

@testable import Translation

/// Files whose pages are images of their own.
struct TranslationPagesTests {
  private func makeScene(in root: URL) throws -> TranslationScene {
    var scene = try TranslationScene(in: root)
    scene.settings.reading.pages = .images
    return scene
  }

  private func writeStack(_ images: [Image], _ name: String, _ scene: TranslationScene) throws {
    let stack = try ImageStackFile(
      at: scene.inputs.appendingPathComponent(name), count: images.count, pixelBytes: 1 << 20)
    for (index, image) in images.enumerated() {
      var file = ImageFile(image: image, format: .tiff)
      file.density = PixelDensity(x: UInt32(100 + index), y: 50, unit: .inch)
      try stack.add(file)
    }
    try stack.commit()
  }

  private func readPage(_ page: Int, _ name: String, _ scene: TranslationScene) throws -> ImageFile
  {
    let file = scene.outputs.appendingPathComponent(name)
    var reading = scene.settings.reading
    reading.place = try ImageFile.places(in: file, options: reading)[page]
    return try ImageFile.read(from: file, options: reading)
  }

  /// Pages of several sizes; one of them goes through in tiles. Each is what it becomes alone.
  @Test func pagesGoIntoOneFile() throws {
    try withTemporaryFolder { root in
      var scene = try makeScene(in: root)
      scene.settings.tile = 64
      let images = [
        makeImage(1, height: 20, width: 32), makeImage(2, height: 80, width: 70),
        makeImage(3, height: 20, width: 24, channels: 4),
      ]
      try writeStack(images, "stack.tif", scene)
      for (index, image) in images.enumerated() { try scene.write(image, "\(index).tif") }
      #expect(try scene.translate() == [])
      let stack = scene.outputs.appendingPathComponent("stack.tif")
      #expect(
        try ImageFile.readLayout(from: stack, options: scene.settings.reading).imageCount == 3)
      for index in images.indices {
        let page = try readPage(index, "stack.tif", scene)
        #expect(page.image == (try scene.result("\(index).tif")))
        #expect(page.density == PixelDensity(x: UInt32(100 + index), y: 50, unit: .inch))
      }
    }
  }

  /// The second page of three has five channels, which the network does not take.
  @Test func aPageThatFailsLeavesNothing() throws {
    try withTemporaryFolder { root in
      let scene = try makeScene(in: root)
      let five = Image(
        height: 16, width: 16, channels: 5, samples: .eightBit(Array(repeating: 7, count: 1280)))
      try writeStack([makeImage(1), five, makeImage(2)], "a.tif", scene)
      try scene.write(makeImage(3), "b.tif")
      #expect(
        try scene.translate() == ["a.tif: page 2: has 5 channels; the network takes 3"])
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: scene.outputs.path) == ["b.tif"])
    }
  }

  @Test func otherFormatsHoldOneImage() throws {
    try withTemporaryFolder { root in
      let scene = try makeScene(in: root)
      try writeStack([makeImage(1), makeImage(2)], "a.tif", scene)
      try writeStack([makeImage(3)], "b.tif", scene)
      #expect(
        try scene.translate(format: .only(.png)) == [
          "a.tif: has 2 pages, and a PNG holds one image; --format tiff writes all"
        ])
      #expect(try scene.result("b.png").height == 16)
    }
  }

  /// What is stopped between pages is not there.
  @Test func anEndBetweenPagesLeavesNothing() throws {
    try withTemporaryFolder { root in
      let scene = try makeScene(in: root)
      try writeStack((0..<6).map { makeImage($0) }, "a.tif", scene)
      let jobs = try TranslationPlan([scene.inputs], output: scene.outputs, format: .same).jobs
      let model = try TranslationModel(at: scene.weights, direction: .aToB)
      var pagesDone = 0
      Translator(model, settings: scene.settings).translate(
        jobs, shouldStop: { pagesDone == 2 }
      ) { event in
        switch event {
        case .progress: pagesDone += 1
        default: Issue.record("\(event)")
        }
      }
      #expect(pagesDone == 2)
      #expect(try FileManager.default.contentsOfDirectory(atPath: scene.outputs.path).isEmpty)
    }
  }

  /// A folder of two stacks, of three and of two pages, has five samples, of which each is drawn.
  @Test func pagesAreSamplesInTraining() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.data.pages = .images
      let a = root.appendingPathComponent("trainA")
      try FileManager.default.removeItem(at: a)
      try FileManager.default.createDirectory(at: a, withIntermediateDirectories: true)
      for (name, count) in [("x", 3), ("y", 2)] {
        let stack = try ImageStackFile(
          at: a.appendingPathComponent("\(name).tif"), count: count, pixelBytes: 1 << 16)
        for index in 0..<count {
          let image = makeImage(index, height: 20, width: 20)
          try stack.add(ImageFile(image: image, format: .tiff))
        }
        try stack.commit()
      }
      var counts: [String: Int] = [:]
      try run.train(stoppingAfter: 2) { event in
        if case .domainReady(let folder, let count, _) = event { counts[folder] = count }
      }
      #expect(counts[a.path] == 5)
    }
  }
}
