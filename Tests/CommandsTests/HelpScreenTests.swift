import Testing

@testable import Commands

/// The help screens as users read them. A changed option shows here, and so does a changed default.
@Suite struct HelpScreenTests {
  private func help(_ arguments: String...) -> String {
    let recording = Recording()
    #expect(CommandLineTool.cyclegan.run(arguments, recording.context) == .success)
    return recording.standardOutput
  }

  @Test func overview() {
    let expected = """
      usage: cyclegan <command> [options]

      Translates images of one kind into another, trained on two folders of images
      without pairs, and generates images from noise.

      commands:
        demo         draws two small sets of images, trains on them and shows the
                     result
        train        trains a CycleGAN on two folders of images, without pairs
        translate    translates images with a trained generator
        evaluate     compares translated images with real ones: FID, KID and others
        dcgan        trains a DCGAN and generates images from noise
        gan          does the same with the original, fully connected GAN
        autoencoder  trains a variational or plain autoencoder and uses it
        bench        times a training step and a forward pass
        inspect      shows what a run or a weights file holds
        export       writes a generator for other programs: ONNX, TorchScript, .pth,
                     safetensors
        report       writes the report page of a run, or of several side by side
        completion   writes the completion of command lines for a shell

      'cyclegan <command> --help' shows the options of a command and their defaults.

      """
    #expect(help("--help") == expected)
  }

  @Test func demo() {
    let expected = """
      usage: cyclegan demo [options]

      Draws landscapes in summer and in winter, trains a small CycleGAN on them
      without pairs, translates test scenes and compares them with the truth. It needs
      no input, and writes to datasets/demo and checkpoints/demo in the current
      folder.

      options:
        --seed <number>             the same seed gives the same training (default: 0)
        --steps <count>             optimization steps (default: 620)
        --precision <kind>          number format of the convolutions: auto, fp32,
                                    tf32, bf16 (default: fp32)
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does
        --quiet                     write only warnings and errors, no progress or
                                    notices

      examples:
        cyclegan demo
        cyclegan demo --steps 2000

      """
    #expect(help("demo", "--help") == expected)
  }

  @Test func train() {
    let expected = """
      usage: cyclegan train <folderA> <folderB> [options]
             cyclegan train <root> [options]

      Trains a CycleGAN: two networks that translate images of A into images of B and
      back. The run's weights, samples and metrics go to <checkpoints-dir>/<name>.

      arguments:
        <folderA> <folderB>         folders of JPEG, PNG, TIFF and WebP images,
                                    searched with their subfolders; or one folder that
                                    contains trainA and trainB. Not needed with
                                    --resume.

      run:
        --name <name>               name of the run, which is its folder in
                                    --checkpoints-dir (default: cyclegan)
        --checkpoints-dir <folder>  folder that holds the runs (default: checkpoints)
        --resume                    continue from the run's latest snapshot
        --on-alarm <what>           what an alarm does, such as a collapse; restart
                                    begins anew with the next seed, if it is early and
                                    the alarm is one of chance: warn, stop, restart
                                    (default: warn)
        --no-tensorboard            write no events for TensorBoard
        --backend <name>            how several processes exchange gradients: nccl for
                                    GPUs, gloo for all; its network is
                                    GLOO_SOCKET_IFNAME's: auto, gloo, nccl
                                    (default: auto)
        --collective-timeout <time>
                                    how long processes wait for one another, such as
                                    90s or 10min (default: 10min)
        --preset <name>             defaults of --skips, --upsampling and
                                    --ema-window: improved, or exactly the reference's
                                    training: improved, reference (default: improved)
        --init-from <model>         start from the weights of this run, snapshot,
                                    folder or file: any of net_G_A, net_G_B, net_D_A,
                                    net_D_B (.safetensors, .pth)
        --seed <number>             the same seed gives the same run (default: 0)
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does
        --workers <count>           threads that read and prepare images
                                    (default: one for each core)
        --cache <size>              memory for decoded images: auto (half of the free
                                    memory), off, or a number of GiB (default: auto)
        --precision <kind>          number format of the convolutions: auto, fp32,
                                    tf32, bf16 (default: auto)
        --save-every <interval>     epochs between snapshots, or steps or minutes:
                                    2000steps, 30min (default: 5)
        --save-at-least <minutes>   save a snapshot in any case when so much time has
                                    passed since the last; it replaces the one before
                                    that was saved for this reason (default: 30min)
        --keep-last <count>         how many of the newest snapshots are kept, beside
                                    the latest and the best; 0 keeps all (default: 3)
        --keep-every <epochs>       keep the snapshots of epochs that are multiples of
                                    this as well; 0 for none (default: 50)
        --log-every <steps>         steps between lines of metrics.jsonl
                                    (default: 100)
        --sample-every <steps>      steps between sample sheets
                                    (default: at each snapshot)
        --quiet                     write only warnings and errors, no progress or
                                    notices

      length and learning rate:
        --epochs <count>            epochs at the full learning rate (default: 100)
        --decay-epochs <count>      epochs after those, while the learning rate falls
                                    (default: 100)
        --steps <count>             stop after this many optimization steps
                                    (default: all epochs)
        --batch-size <count>        images of each domain in one step (default: 1)
        --accumulate <count>        batches that are averaged for one step, in the
                                    memory of one (default: 1)
        --sync-batchnorm            take the statistics of batch norm from the images
                                    of all processes
        --lr <rate>                 learning rate of Adam (default: 0.0002)
        --beta1 <factor>            decay rate of Adam's mean of the gradient
                                    (default: 0.5)
        --beta2 <factor>            decay rate of Adam's mean of the squared gradient
                                    (default: 0.999)
        --discriminator-lr <rate>   learning rate of the discriminators
                                    (default: that of --lr)
        --lr-policy <name>          how the learning rate falls: linear, step,
                                    plateau, cosine, constant (default: linear)
        --ema-window <share>        share of the steps done that the averaged
                                    generators reach back over; 0 averages none
                                    (default: by --preset)

      networks:
        --generator <name>          architecture of the generators: resnet9, resnet6,
                                    unet256, unet128 (default: resnet9)
        --generator-filters <count>
                                    channels of the generator's first layer
                                    (default: 64)
        --blocks <count>            residual blocks of a ResNet
                                    (default: as in its name)
        --skips <kind>              features of the first layers that a ResNet adds to
                                    those of its last ones: none, features
                                    (default: by --preset)
        --upsampling <kind>         how a ResNet comes back to the size of the image:
                                    transposed, smoothed, bilinear
                                    (default: by --preset)
        --discriminator <name>      architecture of the discriminators: patch, pixel
                                    (default: patch)
        --discriminator-layers <count>
                                    layers of a patch discriminator; with 3 it sees
                                    70x70 pixels (default: 3)
        --discriminator-filters <count>
                                    channels of the discriminator's first layer
                                    (default: 64)
        --norm <kind>               normalization layers: instance, batch, none
                                    (default: instance)
        --spectral-norm             divide the discriminators' weights by their
                                    largest singular values
        --dropout                   use dropout in the generators
        --init <method>             distribution of the initial weights: normal,
                                    xavier, kaiming, orthogonal (default: normal)
        --init-gain <scale>         scale of the initial weights (default: 0.02)
        --channels-a <count>        channels of A's images, 1 to 64; auto takes what
                                    the files have (default: auto)
        --channels-b <count>        the same for B (default: auto)

      losses:
        --gan-loss <name>           adversarial loss: lsgan, vanilla, wgan-gp, hinge
                                    (default: lsgan)
        --lambda-a <weight>         weight of the cycle loss from A to B to A
                                    (default: 10)
        --lambda-b <weight>         weight of the cycle loss from B to A to B
                                    (default: 10)
        --lambda-identity <weight>  weight of the identity loss, as a multiple of the
                                    cycle loss; 0 turns it off (default: 0.5)
        --identity-every <steps>    look at the identity loss in every n-th step, with
                                    n times its weight (default: 1)
        --cycle-decay <share>       share of the cycle weights that is lost evenly
                                    from the first epoch to the last (default: 0)
        --gradient-penalty <weight>
                                    weight of the squared slope of the discriminators
                                    between real images and fakes, with lsgan
                                    (default: 0)
        --penalty-every <steps>     look at the gradient penalty in every n-th step,
                                    with n times its weight (default: 1)
        --pool-size <count>         earlier fakes that each discriminator sees again
                                    (default: 50)

      images:
        --preprocess <way>          how images are resized and cropped:
                                    resize-and-crop, crop, scale-width,
                                    scale-width-and-crop, none
                                    (default: resize-and-crop)
        --load-size <pixels>        side or width that images are resized to
                                    (default: 286)
        --crop-size <pixels>        side of the square crops (default: 256)
        --no-flip                   do not mirror images at random
        --serial                    take the images of A and B in sorted order, not at
                                    random
        --max-images <count>        use at most this many images of each folder
                                    (default: all)
        --background <color>        color behind transparent pixels (default: white)
        --max-pixels <count>        refuse images with more pixels, before they are
                                    decoded (default: 250000000)
        --accept-truncated          use broken images as far as they can be decoded
        --accept-nonfinite          use floats that are infinite or no numbers,
                                    brought into the range of the others
        --pages <meaning>           pages of a TIFF: the first is the image, all are
                                    its channels, or each is an image: first,
                                    channels, images (default: first)
        --range-a <low..high>       values of A's files that are black and white, such
                                    as 0..4095 or 1%..99% (default: the ends of each
                                    file's type; floats have none)
        --range-b <low..high>       the same for B
        --show-channels <channels>  three channels that sample sheets show as red,
                                    green and blue, such as 4,3,2 (default: all, in
                                    gray)
        --strict                    stop at an image that cannot be used, instead of
                                    leaving it out

      images that are not trained on:
        --test-a <folder>           images of A for sample sheets (default: testA
                                    beside trainA, then those of validation)
        --test-b <folder>           the same for B
        --validation-a <folder>     images of A that snapshots are measured on
                                    (default: those of --hold-out, then those of
                                    sample sheets)
        --validation-b <folder>     the same for B
        --hold-out <share>          share of both folders' images that is not trained
                                    on but used for validation, such as 5%
                                    (default: 0%)
        --validate-every <epochs>   epochs between validations, which take about a
                                    twentieth of the time at most; 0 for none
                                    (default: 5, where there are images for it)
        --best-by <measure>         what the best snapshot has: the smallest distance
                                    to the images of the other domain, the most edges
                                    in their places, or the best ranks in both: ranks,
                                    distance, edges (default: ranks)

      examples:
        cyclegan train photos paintings --name monet
        cyclegan train datasets/horse2zebra --crop-size 128 --load-size 143
        cyclegan train --name monet --resume --epochs 150

      """
    #expect(help("train", "--help") == expected)
  }

  @Test func translate() {
    let expected = """
      usage: cyclegan translate <model> <input>... --output <folder> [options]
             cyclegan translate <model> <image> --output <file> [options]
             cyclegan translate <model> --list <file> --output <folder> [options]

      Translates every image and writes it under its own name, at its own size, into
      the output folder. The result of one image can be a file of another name as
      well. The paths written go to the standard output. As input or output, - is a
      pipe with one image.

      arguments:
        <model>                     a run's folder, one snapshot in it, or a weights
                                    file
        <input>...                  JPEG, PNG, TIFF and WebP images, and folders that
                                    are searched for them

      results:
        --output <folder>           folder for the translated images, or the file for
                                    one (required)
        --direction <way>           direction of the translation: a-to-b, b-to-a
                                    (default: a-to-b)
        --size <pixels>             resize so that the shorter side has this length
                                    (default: the image's own size)
        --format <kind>             file format of the results: same, jpeg, png, tiff,
                                    webp (default: same)
        --quality <percent>         quality of JPEG and lossy WebP files, 1 to 100
                                    (default: 95)
        --subsampling <kind>        color resolution of JPEG files: 4:4:4, 4:2:2,
                                    4:2:0 (default: 4:4:4)
        --background <color>        color behind transparent pixels in JPEG files
                                    (default: white)
        --strip-metadata            write no EXIF data, XMP, text, color profile,
                                    gamma, resolution or georeference
        --epoch <epoch>             best by validation, latest, or the number of an
                                    epoch's snapshot (default: best, where there is
                                    one)
        --no-ema                    use the weights of the last step, not their moving
                                    average
        --list <file>               translate the images that this file names, one a
                                    line or each ended by a zero byte; - reads the
                                    standard input
        --shard <I/N>               translate only part I, from 0 to N - 1, of the
                                    images, which are shared evenly by their names
                                    (default: that of RANK or SLURM_ARRAY_TASK_ID)
        --overwrite                 replace files that exist
        --skip-existing             skip images whose result exists
        --gallery <file>            write a page, such as gallery.html, with each
                                    image before and after, and a divider to drag
        --confidence <folder>       folder for what the run's discriminator thinks of
                                    each place of a result: white is real
        --quiet                     write only warnings and errors, no progress or
                                    notices

      images:
        --max-pixels <count>        refuse images with more pixels, before they are
                                    decoded (default: 250000000)
        --accept-truncated          use broken images as far as they can be decoded
        --accept-nonfinite          use floats that are infinite or no numbers,
                                    brought into the range of the others
        --pages <meaning>           pages of a TIFF: the first is the image, all are
                                    its channels, or each is an image: first,
                                    channels, images (default: first)
        --strict                    stop if a folder holds images of kinds that cannot
                                    be read

      computing:
        --batch-size <count>        images of one size that are translated together
                                    (default: chosen for speed)
        --tile <pixels>             translate larger images in square tiles of this
                                    side (default: only if memory is short)
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does
        --workers <count>           threads that read and prepare images
                                    (default: one for each core)
        --precision <kind>          number format of the convolutions: auto, fp32,
                                    tf32, bf16 (default: auto)

      examples:
        cyclegan translate checkpoints/monet photos --output paintings
        cyclegan translate checkpoints/monet a.jpg --output out --direction b-to-a
        cyclegan translate checkpoints/monet photos --output out --shard 0/4

      """
    #expect(help("translate", "--help") == expected)
  }

  @Test func evaluate() {
    let expected = """
      usage: cyclegan evaluate <translated> <real> [options]
             cyclegan evaluate <model> --a <folder> --b <folder> [options]

      Compares two folders of images, or what a trained generator makes of one domain
      with the other, both ways where there are both generators. Every number comes
      with how far it may be off. Without --features the images are compared by their
      patches; FID and KID need a file with a network.

      arguments:
        <input>...                  two folders; or one run, snapshot or weights file

      what is compared:
        --a <folder>                images of domain A, for a model
        --b <folder>                images of domain B, for a model
        --epoch <epoch>             best by validation, latest, or the number of an
                                    epoch's snapshot (default: best, where there is
                                    one)
        --no-ema                    use the weights of the last step, not their moving
                                    average
        --size <pixels>             resize so that the shorter side has this length
                                    (default: the image's own size)
        --max-images <count>        take only the first images of each folder
                                    (default: all)
        --max-pixels <count>        refuse images with more pixels, before they are
                                    decoded (default: 250000000)
        --accept-truncated          use broken images as far as they can be decoded
        --accept-nonfinite          use floats that are infinite or no numbers,
                                    brought into the range of the others
        --pages <meaning>           pages of a TIFF: the first is the image, all are
                                    its channels, or each is an image: first,
                                    channels, images (default: first)

      measures:
        --features <file>           network for FID and KID: inception-2015-12-05.pt,
                                    pt_inception-2015-12-05-6726825d.pth, or any
                                    TorchScript module, whose code is run by libtorch
        --features-input <kind>     what a TorchScript module takes: uint8 of 0 to
                                    255, or float32 of 0 to 1, -1 to 1 or 0 to 255:
                                    bytes, unit, signed, levels (default: bytes)
        --lpips <file>              TorchScript module for LPIPS of pairs: vgg16.pt,
                                    or one that takes two images
        --kid-subset-size <count>   images in each subset for KID
                                    (default: half of the smaller set, at most 1000)
        --kid-subsets <count>       subsets for KID (default: 100)
        --seed <number>             for subsets, patches and resamples (default: 0)
        --no-cache                  neither read nor keep statistics of real images in
                                    $XDG_CACHE_HOME/cyclegan or ~/.cache/cyclegan
        --json                      write JSON, for programs

      computing:
        --batch-size <count>        images of one size that go through a network
                                    together (default: 8)
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does
        --workers <count>           threads that read and prepare images
                                    (default: one for each core)
        --precision <kind>          number format of the convolutions: auto, fp32,
                                    tf32, bf16 (default: auto)
        --quiet                     write only warnings and errors, no progress or
                                    notices

      examples:
        cyclegan evaluate paintings datasets/monet/testB
        cyclegan evaluate checkpoints/monet --a photos --b paintings --json

      """
    #expect(help("evaluate", "--help") == expected)
  }

  @Test func bench() {
    let expected = """
      usage: cyclegan bench [options]

      Times one training step and one pass of the generator on random images, after a
      warm-up, and prints the medians as JSON. With --images it times reading and
      preparing images for training instead, on one thread.

      options:
        --network <name>            networks that are timed: cyclegan, dcgan
                                    (default: cyclegan)
        --crop-size <pixels>        side of the images (default: 256; 64 for dcgan)
        --batch-size <count>        images of each domain in one step (default: 1;
                                    128 for dcgan)
        --precision <kind>          number format of the convolutions: auto, fp32,
                                    tf32, bf16 (default: auto)
        --steps <count>             number of steps and passes that are timed
                                    (default: 5)
        --images <folder>           time reading and preparing the images in this
                                    folder
        --strict                    stop if the folder holds images of kinds that
                                    cannot be read
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does
        --quiet                     write only warnings and errors, no progress or
                                    notices

      networks:
        --generator <name>          architecture of the generators: resnet9, resnet6,
                                    unet256, unet128 (default: resnet9)
        --generator-filters <count>
                                    channels of the generator's first layer
                                    (default: 64)
        --blocks <count>            residual blocks of a ResNet
                                    (default: as in its name)
        --skips <kind>              features of the first layers that a ResNet adds to
                                    those of its last ones: none, features
                                    (default: none)
        --upsampling <kind>         how a ResNet comes back to the size of the image:
                                    transposed, smoothed, bilinear
                                    (default: transposed)
        --discriminator <name>      architecture of the discriminators: patch, pixel
                                    (default: patch)
        --discriminator-layers <count>
                                    layers of a patch discriminator; with 3 it sees
                                    70x70 pixels (default: 3)
        --discriminator-filters <count>
                                    channels of the discriminator's first layer
                                    (default: 64)
        --norm <kind>               normalization layers: instance, batch, none
                                    (default: instance)
        --spectral-norm             divide the discriminators' weights by their
                                    largest singular values
        --dropout                   use dropout in the generators
        --init <method>             distribution of the initial weights: normal,
                                    xavier, kaiming, orthogonal (default: normal)
        --init-gain <scale>         scale of the initial weights (default: 0.02)
        --channels-a <count>        channels of A's images, 1 to 64; auto takes what
                                    the files have (default: auto)
        --channels-b <count>        the same for B (default: auto)

      examples:
        cyclegan bench --crop-size 256 --precision fp32
        cyclegan bench --network dcgan

      """
    #expect(help("bench", "--help") == expected)
  }

  @Test func inspect() {
    let expected = """
      usage: cyclegan inspect <model> [options]
             cyclegan inspect <folder of runs> [options]

      Shows the networks, their sizes and parameters, what the files hold that they
      were trained on, and how far the training is. Of a folder that holds runs, such
      as checkpoints, it lists them.

      arguments:
        <model>                     a run's folder, one snapshot in it, a weights
                                    file, or a folder of runs

      options:
        --json                      write JSON, for programs

      examples:
        cyclegan inspect checkpoints
        cyclegan inspect checkpoints/monet --json

      """
    #expect(help("inspect", "--help") == expected)
  }

  @Test func export() {
    let expected = """
      usage: cyclegan export <model> --format <kind> [options]

      Writes a trained generator, of a translator, a DCGAN or a GAN, as a file that
      other programs read. Images and results are [batch, channels, height, width]
      from -1 to 1. What is written is read and run once more, where this program can,
      before it gets its name. The path written goes to the standard output.

      arguments:
        <model>                     a run's folder, one snapshot in it, or a weights
                                    file

      options:
        --format <kind>             kind of file (required): onnx, torchscript, pth,
                                    safetensors
        --output <file>             the file (default: named after the network)
        --direction <way>           direction of a translator: a-to-b, b-to-a
                                    (default: a-to-b)
        --size <HxW>                fix the size of images in ONNX (default: any size)
        --half                      write weights of 16 bits
        --include-preprocessing     let ONNX take and return bytes, [batch, height,
                                    width, channels] from 0 to 255
        --epoch <epoch>             of a translator: best by validation, latest, or
                                    the number of an epoch's snapshot (default: best,
                                    where there is one)
        --no-ema                    write the weights of the last step, not their
                                    moving average
        --overwrite                 replace a file that exists
        --quiet                     write only warnings and errors, no progress or
                                    notices

      examples:
        cyclegan export checkpoints/monet --format onnx
        cyclegan export checkpoints/monet --format pth --direction b-to-a
        cyclegan export checkpoints/faces --format torchscript --output faces.pt

      """
    #expect(help("export", "--help") == expected)
  }

  @Test func noLineIsWiderThanATerminal() {
    func check(_ command: Subcommand, parent: String) {
      for line in command.help(parent).split(separator: "\n") {
        #expect(line.count <= 80, "\(line)")
      }
      for child in command.children { check(child, parent: "\(parent) \(command.name)") }
    }
    for command in CommandLineTool.cyclegan.commands { check(command, parent: "cyclegan") }
  }

  @Test func textsAreBrokenAtSpacesOnly() {
    #expect(HelpScreen.wrap("aa bb cc", to: 5) == ["aa bb", "cc"])
    #expect(HelpScreen.wrap("aa bbbbbbbb cc", to: 5) == ["aa", "bbbbbbbb", "cc"])
    #expect(HelpScreen.wrap("aa bb\u{A0}cc", to: 5) == ["aa", "bb cc"])
    #expect(HelpScreen.wrap("", to: 5) == [])
  }
}
